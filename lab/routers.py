"""Two routers in network namespaces of their own, joined by a cable: FRR's bgpd and lldpd, real ones.

Only the first speaks SNMP: its daemons are subagents (AgentX) of an snmpd outside, over a Unix socket, so that the SNMP
traffic stays on loopback and all other traffic in the namespaces.
"""

import contextlib
import json
import os
import shlex
import signal
import subprocess
from pathlib import Path

from lab.process import Child, LabError, wait_until
from lab.runs import RunDirectory, inherited_environment
from lab.system import find_program, install_packages

__all__ = ('Routers',)

# RFC 5737: documentation. They exist in the namespaces only.
ADDRESSES = ('192.0.2.1', '192.0.2.2')
AS_NUMBERS = (65001, 65002)
PORT = 1179
NAMES = ('lab-r1', 'lab-r2')
INTERFACES = ('swp1', 'swp2')
BGPD = '/usr/lib/frr/bgpd'
PACKAGES = {'bgpd': ('frr', 'frr-snmp'), 'lldpd': ('lldpd',)}


class Routers:
    """A context manager. `agentx`: lines for the snmpd that is to be their master agent; start it first.

    `shut(True)` has the second router shut the BGP session down, `shut(False)` bring it up again.
    Raises LabError where FRR or lldpd are missing, or namespaces are not allowed.
    """

    def __init__(self, run: RunDirectory):
        for program, packages in PACKAGES.items():
            if not self._find(program) and not (install_packages(*packages) and self._find(program)):
                raise LabError(f'{program} is missing: install the packages {" ".join(packages)}.')
        if os.geteuid() != 0:
            raise LabError('lldpd needs root: run these tests as root, in a container for example.')
        self.run = run
        # Unix socket paths are short.
        self.directory = run.path / 'rt'
        self.directory.mkdir()
        self.directory.chmod(0o777)
        self.socket = self.directory / 'agentx'
        self.agentx = ('master agentx', f'agentXSocket {self.socket}', 'agentXPerms 0777 0777')
        self.child: Child | None = None

    @staticmethod
    def _find(program: str) -> bool:
        return Path(BGPD).exists() if program == 'bgpd' else find_program(program) is not None

    def __enter__(self):
        (self.directory / 'frr.conf').write_text(f'agentXSocket {self.socket}\n')
        (self.directory / 'lldpd.conf').touch()
        for number in (0, 1):
            self._bgp_configuration(number)
        script = self.directory / 'start.sh'
        script.write_text(self._script())
        env = inherited_environment() | self.run.env | {'MIBS': '', 'SNMPCONFPATH': str(self.directory)}
        # Its own process namespace: whatever runs in it ends with it.
        command = ['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-e', script]
        self.child = Child('routers', command, log=self.run.log('routers'), env=env, grace=1)
        try:
            self._wait('Established')
        except LabError:
            self.child.stop()
            raise
        return self

    def __exit__(self, *_exc):
        self.child.stop()

    def state(self, router: int = 0) -> str:
        """The state of the session as FRR's own command line shows it, '' while it cannot."""
        done = self._vtysh(router, 'show bgp summary json')
        try:
            return json.loads(done.stdout)['ipv4Unicast']['peers'][ADDRESSES[1 - router]]['state']
        except (ValueError, KeyError):
            return ''

    def shut(self, down: bool) -> None:
        """Administratively at the second router: the first sees a Cease (6) with the subcode 2 (RFC 4486)."""
        no = '' if down else 'no '
        commands = ('configure terminal', f'router bgp {AS_NUMBERS[1]}', f'{no}neighbor {ADDRESSES[0]} shutdown')
        self._vtysh(1, *commands).check_returncode()
        self._wait('Idle' if down else 'Established', router=1)

    def stall(self, stalled: bool) -> None:
        """Stop the first router's bgpd, so that its part of the MIB no longer answers; or let it go on."""
        os.kill(self._pid(), signal.SIGSTOP if stalled else signal.SIGCONT)

    def _pid(self) -> int:
        """Of the first router's bgpd. Its file has the number inside its namespace."""
        configuration = f'{self._router(0)}/bgpd.conf'.encode()
        for process in Path('/proc').glob('[0-9]*'):
            with contextlib.suppress(OSError):
                arguments = (process / 'cmdline').read_bytes().split(b'\0')
                if arguments[0] == BGPD.encode() and configuration in arguments:
                    return int(process.name)
        raise LabError('The bgpd of the first router is not running.')

    def _wait(self, state: str, router: int = 0) -> None:
        wait_until(
            lambda: self.state(router).startswith(state), what='the BGP session', timeout=40, interval=0.2,
            child=self.child,
        )  # fmt: skip

    def _vtysh(self, router: int, *commands: str) -> subprocess.CompletedProcess:
        arguments = [part for command in commands for part in ('-c', command)]
        return subprocess.run(
            ['vtysh', '--vty_socket', str(self._router(router)), '-d', 'bgpd', *arguments],
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip

    def _router(self, number: int) -> Path:
        return self.directory / str(number)

    def _bgp_configuration(self, number: int) -> None:
        directory, peer = self._router(number), ADDRESSES[1 - number]
        directory.mkdir()
        directory.chmod(0o777)
        (directory / 'bgpd.conf').write_text(
            '\n'.join((
                *(('agentx',) if number == 0 else ()),
                f'hostname {NAMES[number]}',
                f'router bgp {AS_NUMBERS[number]}',
                f' bgp router-id {ADDRESSES[number]}',
                ' no bgp ebgp-requires-policy',
                ' no bgp network import-check',
                ' timers bgp 1 3',
                f' neighbor {peer} remote-as {AS_NUMBERS[1 - number]}',
                f' neighbor {peer} port {PORT}',
                f' neighbor {peer} timers connect 1',
                f' neighbor {peer} disable-connected-check',
                ' address-family ipv4 unicast',
                f'  network 10.{number + 1}.0.0/16',
                '',
            ))
        )  # fmt: skip

    def _script(self) -> str:
        lines = ['mount -t tmpfs none /run', 'mkdir -p /run/netns']
        lines += [f'ip netns add {name}' for name in NAMES]
        ends = [f'{interface} netns {name}' for interface, name in zip(INTERFACES, NAMES, strict=True)]
        lines.append(f'ip link add {ends[0]} type veth peer name {ends[1]}')
        for number, name in enumerate(NAMES):
            lines += [
                f'ip -n {name} link set lo up',
                f'ip -n {name} address add {ADDRESSES[number]}/30 dev {INTERFACES[number]}',
                f'ip -n {name} link set {INTERFACES[number]} up',
            ]
        for number in (0, 1):
            lines += [f'{line} &' for line in (self._bgpd(number), self._lldpd(number))]
        lines += [self._lldp_settings(number) for number in (0, 1)]
        lines.append('wait')
        return '\n'.join([*lines, ''])

    def _bgpd(self, number: int) -> str:
        directory = self._router(number)
        snmp = ['-M', 'snmp'] if number == 0 else []
        return shlex.join([
            *('ip', 'netns', 'exec', NAMES[number], BGPD, '-Z', '-n', '-S', *snmp),
            *('-f', f'{directory}/bgpd.conf', '-i', f'{directory}/bgpd.pid', '--vty_socket', str(directory)),
            *('-P', '0', '-l', ADDRESSES[number], '-p', str(PORT), '--log', f'file:{directory}/bgpd.log'),
        ])  # fmt: skip

    def _lldpd(self, number: int) -> str:
        """In a mount namespace of its own: its other paths are fixed, and both would use the same."""
        snmp = f'-x -X {self.socket} ' if number == 0 else ''
        daemon = (
            f'exec lldpd -d {snmp}-u {self._router(number)}/lldp -S "Lab router" -L "$(command -v lldpcli)" '
            f'-O {self.directory}/lldpd.conf'
        )
        inner = f'mount -t tmpfs none /run; mkdir /run/lldpd; {daemon}'
        return shlex.join(['ip', 'netns', 'exec', NAMES[number], 'unshare', '--mount', 'sh', '-c', inner])

    def _lldp_settings(self, number: int) -> str:
        """It takes commands as soon as its socket is there."""
        cli = f'lldpcli -u {self._router(number)}/lldp configure'
        return (
            f'for try in $(seq 100); do {cli} system hostname {NAMES[number]} && break; sleep 0.1; done; '
            f'{cli} lldp tx-interval 1'
        )
