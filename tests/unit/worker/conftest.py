import socket

import pytest

from .engine_cases import engine_threads


@pytest.fixture(autouse=True)
def no_thread_left():
    yield
    assert not engine_threads(), 'the engine left its thread behind'


@pytest.fixture
def closed_port():
    """A port that was free a moment ago and whose number nobody else is given meanwhile."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        # Bound to another loopback address: closed on 127.0.0.1.
        holder.bind(('127.0.0.77', 0))
        yield holder.getsockname()[1]
