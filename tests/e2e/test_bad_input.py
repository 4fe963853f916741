"""Whatever is wrong with one device ends that device, with its code; the others of the run are not touched."""

import contextlib
import socket
import threading

import pytest

from tests.unit.worker import agent as fake


@pytest.fixture
def udp():
    """`udp(answer)`: a UDP port on loopback that answers each datagram with the list `answer(datagram)` returns."""
    with contextlib.ExitStack() as stack:

        def start(answer) -> int:
            server = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            server.bind(('127.0.0.1', 0))
            server.settimeout(0.2)
            stopped = threading.Event()

            def serve():
                while not stopped.is_set():
                    try:
                        data, sender = server.recvfrom(65535)
                    except TimeoutError:
                        continue
                    for reply in answer(data):
                        server.sendto(reply, sender)

            thread = threading.Thread(target=serve)
            thread.start()
            stack.callback(thread.join)
            stack.callback(stopped.set)
            return server.getsockname()[1]

        yield start
