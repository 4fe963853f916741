"""Simulated devices: recordings of real ones (package snmpsim-data) answered by one process on loopback addresses.

Every device is an SNMP engine of its own with one address and one data directory, so that many devices answer to the
same community. A device without a simulated one at its address is a dead device.
"""

import bz2
import contextlib
import hashlib
import importlib.util
import socket
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from lab.paths import cache_directory
from lab.process import Child, LabError, wait_until
from lab.runs import RunDirectory, file_lock, inherited_environment
from lab.system import say
from netops_worker.probes.snmp.platforms import platform_subtrees
from netops_worker.probes.snmp.scan import ROOTS

__all__ = (
    'SUBTREES',
    'SimulatedDevice',
    'Simulator',
    'free_snmp_port',
    'snmp_get_answers',
)

DEFAULT_PORT = 1161
FORMAT = 2  # of the prepared recordings: raise it when `prepare` writes something else

# What the product reads. Whole recordings are fifty times as large, and all of it has to be indexed.
SUBTREES = tuple(
    sorted({
        '1.3.6.1.2.1.1',  # SNMPv2-MIB, system
        '1.3.6.1.2.1.2',  # IF-MIB, ifTable
        '1.3.6.1.2.1.31.1.1',  # IF-MIB, ifXTable
        # A root is a table entry or one of its columns.
        *(root.rpartition('.')[0] for root in ROOTS),
        *platform_subtrees(),
    })
)  # fmt: skip
SYS_NAME = '1.3.6.1.2.1.1.5.0'


@dataclass(frozen=True)
class SimulatedDevice:
    """`recording`: name inside snmpsim-data without suffix ('network/switch/cisco-c3560'), or path of a .snmprec file.

    `name`: replaces the anonymised sysName; '' keeps the recording as it is. `subtrees`: what of it is served, all
    when empty. `address`: a loopback address, 127.x.y.z or ::1.
    """

    address: str
    recording: str
    name: str = ''
    community: str = 'public'
    subtrees: tuple[str, ...] = SUBTREES


class Simulator:
    """A context manager: all `devices` answer when it is entered, all on UDP port `port`.

    `port`: None takes 1161 or the next one that is free at every address.
    """

    def __init__(self, run: RunDirectory, devices: Iterable[SimulatedDevice], *, port: int | None = None,
                 name: str = 'snmpsim'):  # fmt: skip
        self.run, self.name = run, name
        self.devices = list(devices)
        self._reserved = contextlib.ExitStack()
        self.port = port or self._reserve_port()
        self.child: Child | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        self.stop()
        self._reserved.close()

    def _reserve_port(self) -> int:
        """A free port that no other simulator takes, which may be starting at this moment at the same addresses."""
        port = DEFAULT_PORT
        while True:
            port = free_snmp_port([device.address for device in self.devices], port)
            with contextlib.suppress(BlockingIOError):
                self._reserved.enter_context(file_lock(cache_directory() / f'snmp-port-{port}.lock', wait=False))
                return port
            port += 1

    def start(self) -> None:
        # Two responders may share a port without an error, and then each answers half of the requests.
        for device in self.devices:
            if not _is_free(device.address, self.port):
                raise LabError(f'UDP port {self.port} of {device.address} is in use by another process.')
        root = self._root()
        root.mkdir(parents=True, exist_ok=True)
        # The index is written at the first start: two processes must not write the same one.
        with file_lock(root / 'lock'):
            known = set((root / 'data').glob('*'))
            directories = [prepare(device, root) for device in self.devices]
            if fresh := len(set(directories) - known):
                say(f'Indexing {fresh} recordings for the simulated devices, once ...')
            self.child = Child(
                self.name, self._command(root, directories), log=self.run.log(self.name), grace=2,
                env=inherited_environment() | {'SNMPSIM_ALLOW_ROOT': 'true'} | self.run.env,
            )  # fmt: skip
            pending = list(self.devices)

            def all_answer():
                while pending and snmp_get_answers(pending[-1].address, self.port, pending[-1].community):
                    pending.pop()
                return not pending

            wait_until(all_answer, what='the simulated devices', timeout=180, child=self.child)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()

    @staticmethod
    def _root() -> Path:
        """One cache per Python version, because the format of its index files differs."""
        python = f'{sys.version_info.major}.{sys.version_info.minor}'
        return cache_directory() / f'snmpsim-{version("snmpsim")}-python{python}'

    def _command(self, root: Path, directories: Sequence[Path]) -> list[str]:
        command = [
            sys.executable, '-c', 'import sys; from snmpsim.commands.responder import main; sys.exit(main())',
            '--logging-method=null', f'--cache-dir={root / "index"}',
        ]  # fmt: skip
        for number, (device, directory) in enumerate(zip(self.devices, directories, strict=True), start=1):
            family, host = ('udpv6', f'[{device.address}]') if ':' in device.address else ('udpv4', device.address)
            command += [
                f'--v3-engine-id=80004fb805{number:08x}',
                f'--data-dir={directory}',
                f'--agent-{family}-endpoint={host}:{self.port}',
            ]
        return command


def prepare(device: SimulatedDevice, root: Path) -> Path:
    """The data directory of a device below `root`, made when it is not there: its recording, cut to what is read."""
    source = _find(device.recording)
    facts = (FORMAT, source, source.stat().st_size, source.stat().st_mtime_ns, *map(repr, vars(device).values()))
    directory = root / 'data' / hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
    target = directory / f'{device.community}.snmprec'
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix('.new')
        # Bytes in, bytes out: the recordings are not all valid UTF-8.
        with fresh.open('wb') as output, _open(source) as recording:
            output.writelines(_cut(recording, device))
        fresh.replace(target)
    return directory


def _cut(lines: Iterable[bytes], device: SimulatedDevice) -> Iterable[bytes]:
    wanted = tuple(subtree.encode() + b'.' for subtree in device.subtrees)
    for line in lines:
        if wanted and not line.startswith(wanted):
            continue
        if device.name and line.startswith(SYS_NAME.encode() + b'|'):
            yield f'{SYS_NAME}|4|{device.name}\n'.encode()
        else:
            yield line


def _find(recording: str) -> Path:
    if recording.endswith(('.snmprec', '.snmprec.bz2')):
        return Path(recording).resolve()
    package = Path(importlib.util.find_spec('snmpsim_data').origin).parent
    path = package / 'data' / f'{recording}.snmprec.bz2'
    if not path.exists():
        raise LabError(f'snmpsim-data has no recording {recording!r}.')
    return path


def _open(path: Path):
    return bz2.open(path, 'rb') if path.suffix == '.bz2' else path.open('rb')


def free_snmp_port(addresses: Sequence[str], preferred: int = DEFAULT_PORT) -> int:
    """The first UDP port from `preferred` on that is free at every address."""
    for port in range(preferred, preferred + 200):
        if all(_is_free(address, port) for address in addresses):
            return port
    raise LabError(f'No free UDP port from {preferred} on.')


def _is_free(address: str, port: int) -> bool:
    # A plain bind, without address reuse, fails as soon as anyone else has the port.
    with socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def snmp_get_answers(address: str, port: int, community: str = 'public', *, timeout: float = 0.2) -> bool:
    """Whether an SNMP v2c agent answers a GET of sysObjectID within `timeout` seconds."""
    binding = _ber(0x30, _ber(0x06, bytes((0x2B, 6, 1, 2, 1, 1, 2, 0))) + _ber(0x05, b''))
    pdu = _ber(0xA0, _ber(0x02, b'\x01') + _ber(0x02, b'\x00') + _ber(0x02, b'\x00') + _ber(0x30, binding))
    message = _ber(0x30, _ber(0x02, b'\x01') + _ber(0x04, community.encode()) + pdu)
    with socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(timeout)
        with contextlib.suppress(OSError):
            client.connect((address, port))
            client.send(message)
            return bool(client.recv(65535))
    return False


def _ber(tag: int, content: bytes) -> bytes:
    return bytes((tag, len(content))) + content
