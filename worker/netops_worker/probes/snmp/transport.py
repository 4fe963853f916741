"""A UDP socket connected to one agent: sends a request, again if no answer comes, and hands over the answer.

Connected, so that the kernel drops what other addresses send and reports a closed port or a missing route to this
session alone. Each session has its own reader in the event loop.
"""

import asyncio
import errno
import ipaddress
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.snmp.ber import Malformed

__all__ = (
    'Forged',
    'Transport',
    'resolve',
)

# Linux: report ICMP host and network unreachable on this socket too, not only port unreachable.
_RECVERR = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
# What the local machine lacks for the moment: the request counts as lost.
_LOST = (errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM, errno.EINTR)
_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)
_DATAGRAMS_AT_ONCE = 50
_LARGEST = 65_535


class Forged(Exception):
    """A message whose origin is not proven. It is dropped, and the answer awaited further."""


async def resolve(address: str, port: int) -> tuple[int, tuple[Any, ...]]:
    """Address family and socket address of an IP address or host name. A name is looked up in a thread.

    Raises NetOpsError `target:no-address`.
    """
    try:
        if ipaddress.ip_address(address).version == 4:
            return socket.AF_INET, (address, port)
        flags = socket.AI_NUMERICHOST
    except ValueError:
        flags = 0
    if not address:
        raise NetOpsError('target:no-address')
    try:
        found = await asyncio.get_running_loop().getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=flags)
    except (OSError, UnicodeError):
        raise NetOpsError(
            'target:no-address', f'{address!r} is neither an IP address nor a name that resolves'
        ) from None
    family, _type, _protocol, _name, endpoint = found[0]
    return family, endpoint


class Transport:
    """To be made and used in the event loop, and closed. One request at a time."""

    def __init__(
        self,
        family: int,
        endpoint: tuple[Any, ...],
        *,
        timeout: float,
        retries: int,
        context: ProbeContext,
    ) -> None:
        """Raises NetOpsError `unreachable:network` or `internal:error`. Sends nothing."""
        try:
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
            try:
                self._socket.setblocking(False)
                if sys.platform == 'linux':
                    self._socket.setsockopt(*_RECVERR[family], 1)
                self._socket.connect(endpoint)
            except OSError:
                self._socket.close()
                raise
        except OSError as error:
            raise _socket_error(error) from None
        self._timeout = timeout
        self._retries = retries
        self._context = context
        self._loop = asyncio.get_running_loop()
        self._accept: Callable[[bytes], Any] | None = None
        self._waiter: asyncio.Future[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._expires = 0.0
        self._broken: NetOpsError | None = None
        self._damaged = self._forged = False
        self._closed = False
        self._loop.add_reader(self._socket, self._on_readable)

    def close(self) -> None:
        """May be called again."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._socket)
            if self._timer:
                self._timer.cancel()
            self._socket.close()

    async def request[T](self, message: Callable[[], bytes], accept: Callable[[bytes], T | None]) -> T:
        """Send `message()`, again after each time-out, until `accept(datagram)` returns something, which is returned.

        `accept` returns None for what answers something else, and raises Malformed or Forged for what is dropped, or
        NetOpsError to end the request. Raises NetOpsError like SnmpClient.
        """
        self._damaged = self._forged = False
        self._accept = accept
        for _ in range(1 + self._retries):
            left = self._context.check_deadline()
            if self._broken:
                raise self._broken
            self._send(message())
            self._set_timer(min(left, self._timeout))
            self._waiter = self._loop.create_future()
            try:
                answer = await self._waiter
            finally:
                self._waiter = None
            if answer is not None:
                return answer
        self._context.check_deadline()
        if self._forged:
            raise NetOpsError('snmp:not-authentic')
        raise NetOpsError('snmp:malformed' if self._damaged else 'unreachable:no-response')

    def _set_timer(self, seconds: float) -> None:
        """Expect an answer within `seconds`. One timer serves many requests: it fires rarely and looks at the time."""
        self._expires = self._loop.time() + seconds
        if self._timer and self._timer.when() > self._expires:
            self._timer.cancel()
            self._timer = None
        if not self._timer:
            self._timer = self._loop.call_at(self._expires, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if self._waiter and not self._waiter.done():
            if self._loop.time() < self._expires:
                self._timer = self._loop.call_at(self._expires, self._on_timer)
            else:
                self._waiter.set_result(None)

    def _send(self, message: bytes) -> None:
        try:
            self._socket.send(message)
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                raise NetOpsError('snmp:malformed', 'the request is larger than a datagram may be') from None
            if error.errno not in _LOST:
                raise _socket_error(error) from None

    def _on_readable(self) -> None:
        """Read datagrams until one answers the request, or there are no more for now."""
        # Bounded: one who floods the socket must not keep the event loop from all other devices.
        for _ in range(_DATAGRAMS_AT_ONCE):
            try:
                datagram = self._socket.recv(_LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._break(_socket_error(error))
                return
            waiter = self._waiter
            if waiter is None or waiter.done():
                # Nothing was asked: a late or repeated answer.
                continue
            try:
                answer = self._accept(datagram)
            except Malformed:
                self._damaged = True
            except Forged:
                self._forged = True
            except Exception as error:
                waiter.set_exception(error)
                return
            else:
                if answer is not None:
                    waiter.set_result(answer)
                    return

    def _break(self, error: NetOpsError) -> None:
        """No further request makes sense: the queue of ICMP errors would keep the socket readable for ever."""
        self._broken = error
        self._loop.remove_reader(self._socket)
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(error)


def _socket_error(error: OSError) -> NetOpsError:
    number = error.errno or 0
    if number == errno.ECONNREFUSED:
        return NetOpsError('unreachable:port-closed')
    if number in _NO_DESCRIPTOR:
        return NetOpsError('internal:error', 'too many open files: allow more, or lower the concurrency')
    return NetOpsError('unreachable:network', os.strerror(number) if number else '')
