"""What counts as two owners at the same time: the chaos would pass with a measure that sees nothing."""

import socket
import struct

import pytest

from .packets import duplicates, heard

DEVICE, OTHER = '127.30.0.1', '127.30.0.2'


@pytest.fixture
def log(tmp_path):
    """`log((seconds, address, port), ...)`: a file as the simulated devices write it."""

    def write(*packets):
        path = tmp_path / 'packets'
        path.write_bytes(
            b''.join(
                struct.pack('=Q4s2s2x', round(at * 1_000_000), socket.inet_aton(address), port.to_bytes(2))
                for at, address, port in packets
            )
        )
        return path

    return write


@pytest.mark.parametrize(('late', 'found'), [(1.049, []), (1.051, [DEVICE])])
def test_an_old_owner_after_the_first_packet_of_the_new_one(log, late, found):
    path = log((0.5, DEVICE, 1000), (1.0, DEVICE, 2000), (late, DEVICE, 1000), (late + 1, DEVICE, 2000))
    assert list(duplicates(path)) == found
    assert heard(path) == {DEVICE: 2}
    assert heard(path, since=late + 0.5) == {DEVICE: 1}


def test_owners_one_after_the_other(log):
    """Of several devices at the same time, with any number of packets each, and told once for each device."""
    path = log(*((n / 10, device, 1000 + n // 5) for n in range(20) for device in (DEVICE, OTHER)))
    assert list(duplicates(path)) == []
    assert heard(path) == {DEVICE: 4, OTHER: 4}


def test_a_device_is_told_once(log):
    path = log(*((n, DEVICE, 1000 + n % 2) for n in range(10)))
    assert list(duplicates(path)) == [DEVICE]
