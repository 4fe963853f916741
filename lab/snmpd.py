"""net-snmp's snmpd, the agent most Linux hosts run: a second, real implementation besides the simulated devices."""

import shutil
from collections.abc import Sequence

from lab.process import Child, LabError, wait_until
from lab.runs import RunDirectory, inherited_environment
from lab.snmpsim import free_snmp_port, snmp_get_answers
from lab.system import find_program

__all__ = ('Snmpd',)


class Snmpd:
    """A context manager: an agent that answers to `community` at `address` (127.x.y.z or ::1).

    `port`: None takes a free one. `lines`: further lines of snmpd.conf. `stop()` then `start()` restarts it.
    Raises LabError when the program snmpd is not installed.
    """

    def __init__(self, run: RunDirectory, address: str = '127.0.0.1', *, port: int | None = None,
                 community: str = 'public', sys_name: str = 'snmpd1', lines: Sequence[str] = ()):  # fmt: skip
        program = find_program('snmpd')
        if program is None:
            raise LabError('The program snmpd is missing: install the package snmpd (Debian, Ubuntu) or net-snmp.')
        self.program, self.run = program, run
        self.address, self.community = address, community
        self.port = port or free_snmp_port([address], 16161)
        self.lines = (f'sysName {sys_name}', 'sysContact noc@example.net', 'sysLocation Lab', *lines)
        self.directory = run.path / f'snmpd-{address.replace(":", "_")}-{self.port}'
        self.child: Child | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self) -> None:
        self.directory.mkdir(exist_ok=True)
        six = ':' in self.address
        endpoint = f'udp6:[{self.address}]:{self.port}' if six else f'udp:{self.address}:{self.port}'
        access = f'{"rocommunity6" if six else "rocommunity"} {self.community}'
        configuration = self.directory / 'snmpd.conf'
        configuration.write_text('\n'.join((f'agentAddress {endpoint}', access, *self.lines, '')))
        # Without a MIB directory and a state directory of its own it reads and writes the system's.
        env = inherited_environment() | self.run.env | {
            'MIBS': '', 'SNMPCONFPATH': str(self.directory), 'SNMP_PERSISTENT_DIR': str(self.directory / 'persist'),
        }  # fmt: skip
        self.child = Child(
            'snmpd', [self.program, '-f', '-C', '-c', configuration, '-Lo', '-I', '-smux'],
            log=self.run.log('snmpd'), env=env, grace=2,
        )  # fmt: skip
        wait_until(self._answers, what='snmpd', timeout=20, child=self.child)

    def _answers(self) -> bool:
        return snmp_get_answers(self.address, self.port, self.community)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()
