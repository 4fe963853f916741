"""Thousands of simulated SNMP devices in one C program on loopback: every address 127.x.y.z is one, all are alike."""

import os
import socket
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fleet.make_table import write_table
from lab.process import Child, LabError, wait_until
from lab.runs import RunDirectory
from lab.snmpsim import free_snmp_port, snmp_get_answers
from lab.system import find_program, install_packages, say

__all__ = ('ADDRESS', 'AUTH_PASSPHRASE', 'COMMUNITY', 'PRIVACY_PASSPHRASE', 'Fleet', 'Packet', 'received')

COMMUNITY = 'public'
# SNMP v3: SHA and AES; any user name will do.
AUTH_PASSPHRASE, PRIVACY_PASSPHRASE = 'authpass12', 'privpass12'
ADDRESS = '127.30.0.1'
LARGEST_REPLY = 1472
# It ends by itself even if whoever started it was killed.
LONGEST_LIFE = 1800
HEADER = '#include <openssl/evp.h>\n'


class Fleet:
    """A context manager: the devices answer on UDP port `port` when it is entered.

    Each has `ports` interfaces and `peers` BGP sessions. They take requests signed with any key, and sign with that of
    `auth_passphrase`. `delay`: seconds until an answer. `log`: file for what they receive, see `received`.
    """

    def __init__(
        self,
        run: RunDirectory,
        ports: int,
        peers: int,
        *,
        auth_passphrase: str = AUTH_PASSPHRASE,
        delay: float = 0,
        name: str = 'fleet',
        log: Path | None = None,
    ):
        self.run, self.ports, self.peers, self.name = run, ports, peers, name
        self.auth_passphrase, self.delay, self.log = auth_passphrase, delay, log
        self.child: Child | None = None

    def __enter__(self):
        program, table = build(self.run.path), self.run.path / f'{self.name}.txt'
        write_table(table, self.ports, self.peers)
        self.port = free_snmp_port([ADDRESS], 10161)
        # Port, table, delay in microseconds, loss in percent, bytes, seconds, pass phrase.
        command = [
            *(program, str(self.port), table, str(int(self.delay * 1_000_000)), '0', str(LARGEST_REPLY)),
            *(str(LONGEST_LIFE), self.auth_passphrase),
        ]
        env = dict(os.environ) | self.run.env | ({'FLEET_LOG': str(self.log)} if self.log else {})
        self.child = Child(self.name, command, log=self.run.log(self.name), env=env, grace=0)
        wait_until(
            lambda: snmp_get_answers(ADDRESS, self.port, COMMUNITY, timeout=0.2 + self.delay),
            what='the simulated devices', timeout=20, child=self.child,
        )  # fmt: skip
        return self

    def __exit__(self, *_exc):
        self.child.stop()


@dataclass(frozen=True, slots=True)
class Packet:
    """One that a device received: `at` in seconds of the monotonic clock, `address` of the device, sender's `port`."""

    at: float
    address: str
    port: int


def received(log: Path) -> Iterator[Packet]:
    """What the devices have received, in that order. The last half second may be missing while they run."""
    data = log.read_bytes()
    # Microseconds, IPv4 address and port in network order, two octets of padding.
    for at, address, port in struct.iter_unpack('=Q4s2s2x', data[: len(data) // 16 * 16]):
        yield Packet(at / 1_000_000, socket.inet_ntoa(address), int.from_bytes(port))


def build(directory: Path) -> Path:
    """Compile the program into `directory`. Raises LabError saying what to install where the tools are missing."""
    if not _can_compile():
        install_packages('gcc', 'libc6-dev', 'libssl-dev')
    if not _can_compile():
        raise LabError(
            'The simulated devices need a C compiler and the headers of OpenSSL. Install them, then start again:\n'
            '  Debian, Ubuntu:  apt-get install gcc libc6-dev libssl-dev\n'
            '  Fedora, RHEL:    dnf install gcc openssl-devel'
        )
    program = directory / 'fleet-program'
    if program.exists():
        return program
    source = Path(__file__).with_name('snmp_fleet.c')
    done = subprocess.run(
        ['gcc', '-O2', '-o', program, source, '-lcrypto'], capture_output=True, text=True, cwd=directory
    )
    if done.returncode:
        raise LabError(f'The simulated devices cannot be compiled:\n{done.stderr}')
    say('Compiled the simulated devices')
    return program


def _can_compile() -> bool:
    if find_program('gcc') is None:
        return False
    answer = subprocess.run(['gcc', '-E', '-x', 'c', '-'], input=HEADER, capture_output=True, text=True)
    return answer.returncode == 0
