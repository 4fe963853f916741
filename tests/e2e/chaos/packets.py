"""Whether two workers were at one device at the same time, by what the devices themselves received."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.fleet import received
from lab.system import say

__all__ = ('TOLERANCE', 'duplicates', 'heard')

# A packet of an old owner may be under way for so long after the first of the new one, in seconds.
TOLERANCE = 0.050


def duplicates(log: Path) -> Iterator[str]:
    """Addresses of devices that heard an old owner later than TOLERANCE after a new owner's first packet.

    Each probe has a socket, and so a port, of its own: another port is another owner.
    """
    owners: dict[str, list[int]] = {}
    begun: dict[tuple[str, int], float] = {}
    told: set[str] = set()
    for packet in received(log):
        ports = owners.setdefault(packet.address, [])
        if packet.port not in ports:
            ports.append(packet.port)
            begun[packet.address, packet.port] = packet.at
        elif packet.port != ports[-1]:
            late = packet.at - begun[packet.address, ports[-1]]
            if late > TOLERANCE and packet.address not in told:
                told.add(packet.address)
                say(f'  {packet.address}: port {packet.port} still {late:.3f} s after port {ports[-1]} had begun')
                yield packet.address


def heard(log: Path, since: float = 0.0) -> dict[str, int]:
    """Address of each device that received anything since a moment (monotonic clock) -> how many owners it had."""
    owners: dict[str, set[int]] = {}
    for packet in received(log):
        if packet.at >= since:
            owners.setdefault(packet.address, set()).add(packet.port)
    return {address: len(ports) for address, ports in owners.items()}
