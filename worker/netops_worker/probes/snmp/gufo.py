"""SNMP v2c on gufo-snmp's sockets, driven by an asyncio reader of our own.

gufo encodes and decodes; its asyncio session is not used, because it drops what a scan has to tell apart:

- it hides the error status of an answer (tooBig to a GETBULK looks like the end of the walk), so the head of each
  datagram is looked at before gufo takes it;
- it reports a closed port, an unreachable network and silence alike, so errors are read from the socket itself;
- it gives up at the first undecodable datagram, where the right answer may still follow;
- it has no retries, and takes twice the CPU time.

The classes of `gufo.snmp._fast` are private, which is why pyproject.toml pins gufo-snmp below the next minor version.
"""

import asyncio
import errno
import ipaddress
import os
import re
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gufo.snmp import SnmpAuthError, SnmpEncodeError, SnmpError
from gufo.snmp._fast import GetIter, SnmpV2cClientSocket

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.snmp.client import SessionOptions, SnmpValue, WalkError
from netops_worker.probes.snmp.packets import (
    AUTHORIZATION_ERROR,
    NO_SUCH_NAME,
    StatusError,
    error_status,
    increasing,
)
from netops_worker.secrets import Secret

__all__ = (
    'GufoClient',
    'connect',
)

# A GETBULK of this many repetitions is tried when a larger one fails, and then GETNEXT (RFC 1213: sysUpTime.0, the
# object that any agent has, tells whether it is alive meanwhile).
_FEWER_REPETITIONS = 10
_ALIVE = '1.3.6.1.2.1.1.3.0'

# Linux: report ICMP host and network unreachable on this socket too, not only port unreachable.
_RECVERR = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
# What the local machine lacks for the moment: the request counts as lost.
_LOST = (errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM, errno.EINTR)
_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)
_DATAGRAMS_AT_ONCE = 50
_OS_ERROR = re.compile(r'os error (\d+)')


async def connect(address: str, community: Secret, options: SessionOptions, context: ProbeContext) -> 'GufoClient':
    """Open a session. Sends nothing. Raises NetOpsError like the methods of SnmpClient."""
    return GufoClient(address, community, options, context)


class GufoClient:
    """An SnmpClient. To be made and used in the event loop, and closed."""

    def __init__(self, address: str, community: Secret, options: SessionOptions, context: ProbeContext) -> None:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            raise NetOpsError('target:no-address', f'{address!r} is not an IP address') from None
        value = community.reveal()
        endpoint = f'[{ip}]:{options.port}' if ip.version == 6 else f'{ip}:{options.port}'
        try:
            self._socket: Any = SnmpV2cClientSocket(endpoint, value, 0, 0, 0, 0)
        except UnicodeEncodeError:
            # Its text has the value in it.
            raise NetOpsError('secret:refused', 'the community is not valid text') from None
        except OSError as error:
            raise _socket_error(error) from None
        self._options = options
        self._context = context
        self._loop = asyncio.get_running_loop()
        self._repetitions = options.max_repetitions
        self._head_size = len(value.encode()) + 48
        family = socket.AF_INET6 if ip.version == 6 else socket.AF_INET
        self._descriptor: int = self._socket.get_fd()
        # A second Python view of gufo's descriptor, for what gufo cannot do. gufo closes it, hence detach() in close().
        self._raw = socket.socket(family, socket.SOCK_DGRAM, 0, fileno=self._descriptor)
        if sys.platform == 'linux':
            self._raw.setsockopt(*_RECVERR[family], 1)
        self._receive: Callable[[], Any] | None = None
        self._waiter: asyncio.Future[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._expires = 0.0
        self._broken: NetOpsError | None = None
        self._garbage = False
        self._loop.add_reader(self._descriptor, self._on_readable)

    def close(self) -> None:
        if self._socket is not None:
            self._loop.remove_reader(self._descriptor)
            self._raw.detach()
            if self._timer:
                self._timer.cancel()
            self._receive = self._socket = None

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        names = list(oids)
        try:
            return await self._request(partial(self._socket.send_get_many, names), self._socket.recv_get_many)
        except StatusError as error:
            if len(names) == 1:
                if error.status == NO_SUCH_NAME:
                    return {}
                raise
            if not error.divisible:
                raise
            return await self._get_each(names)

    async def walk(self, column: str) -> list[tuple[str, SnmpValue]]:
        rows: list[tuple[str, SnmpValue]] = []
        skip = len(column) + 1
        position = column
        last: tuple[int, ...] = ()
        sender = receiver = GetIter(column, self._repetitions)
        while True:
            try:
                batch = await self._step(sender, receiver)
                if batch is None:
                    # Continue where the larger request failed. gufo's iterator cannot be set to a position, so one
                    # with that start asks and another with the column's receives.
                    sender = GetIter(position, self._repetitions)
                    receiver = GetIter(column, self._repetitions)
                    continue
            except NetOpsError as error:
                raise WalkError(error.code, error.detail, rows) from None
            sender = receiver
            ended = not batch or batch[-1] is None
            if ended:
                del batch[-1:]
            if batch:
                position = batch[-1][0]
                indexes = [oid[skip:] for oid, _ in batch]
                good, last = increasing(indexes, last)
                # Not strict: only the first of them are good if the order is broken.
                rows += zip(indexes[:good], [value for _, value in batch], strict=False)
                if good < len(batch):
                    raise WalkError('snmp:endless-walk', f'OIDs below {column} do not increase', rows)
            if len(rows) > self._options.max_rows:
                del rows[self._options.max_rows :]
                raise WalkError('snmp:endless-walk', f'more than {len(rows)} rows below {column}', rows, capped=True)
            if ended:
                return rows

    async def _step(self, sender: GetIter, receiver: GetIter) -> list[Any] | None:
        """The next rows, followed by None when the column ended. None instead of a list: try again with less."""
        fast = self._socket
        try:
            if self._repetitions:
                return await self._request(partial(fast.send_get_bulk, sender), partial(fast.recv_get_bulk, receiver))
            row = await self._request(partial(fast.send_get_next, sender), partial(fast.recv_get_next, receiver))
            return [row] if row else []
        except StatusError as error:
            if error.status == NO_SUCH_NAME:
                # How SNMP v1 says that there is nothing more; some agents do in v2c too.
                return []
            if not self._repetitions or not error.divisible:
                raise
        except NetOpsError as error:
            if not self._repetitions or error.code not in ('unreachable:no-response', 'snmp:malformed'):
                raise
            # Either the agent does not master large answers or it is gone, which ends the walk here.
            await self.get([_ALIVE])
        self._repetitions = _FEWER_REPETITIONS if self._repetitions > _FEWER_REPETITIONS else 0
        return None

    async def _get_each(self, oids: list[str]) -> dict[str, SnmpValue]:
        """For agents that refuse the whole request because of one object, or because it is too big for them."""
        values: dict[str, SnmpValue] = {}
        failure: NetOpsError | None = None
        for oid in oids:
            try:
                values |= await self.get([oid])
            except StatusError as error:
                failure = failure or error
        if failure and not values:
            raise failure
        return values

    async def _request(self, send: Callable[[], None], receive: Callable[[], Any]) -> Any:
        """Send, again if no answer comes. Returns the answer as `receive` does, or [] at the end of a view."""
        self._garbage = False
        for _ in range(1 + self._options.retries):
            left = self._context.check_deadline()
            if self._broken:
                raise self._broken
            self._send(send)
            self._receive = receive
            self._set_timer(min(left, self._options.timeout))
            self._waiter = self._loop.create_future()
            try:
                answer = await self._waiter
            finally:
                self._waiter = None
            if answer is not None:
                return answer
        self._context.check_deadline()
        raise NetOpsError('snmp:malformed' if self._garbage else 'unreachable:no-response')

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

    def _send(self, send: Callable[[], None]) -> None:
        try:
            send()
        except SnmpEncodeError:
            raise NetOpsError('secret:refused', 'the community is too long for SNMP') from None
        except OSError as error:
            if _errno(error) not in _LOST:
                raise _socket_error(error) from None

    def _on_readable(self) -> None:
        """Read datagrams until one answers the request, or there are no more for now."""
        # Bounded: one who floods the socket must not keep the event loop from all other devices.
        for _ in range(_DATAGRAMS_AT_ONCE):
            try:
                head = self._raw.recv(self._head_size, socket.MSG_PEEK)
                if self._waiter is None or self._waiter.done():
                    # Nothing was asked: a late or repeated answer.
                    self._raw.recv(1)
                    continue
                answer = self._receive()
            except (BlockingIOError, InterruptedError):
                # From gufo: it has dropped an answer to an earlier request.
                return
            except OSError as error:
                self._break(_socket_error(error))
                return
            except StopAsyncIteration:
                answer = []
            except SnmpAuthError:
                # gufo's name for this one error status.
                self._waiter.set_exception(StatusError(AUTHORIZATION_ERROR))
                return
            except (SnmpError, RuntimeError, ValueError):
                # RuntimeError: an invalid OID among those of a GET.
                self._garbage = True
                continue
            except BaseException as error:
                # Some malformed messages make gufo panic, which is no Exception.
                if type(error).__name__ != 'PanicException':
                    raise
                self._garbage = True
                continue
            # An answer with an error status is empty. One that is not can only be a later datagram than the head.
            status = 0 if answer else error_status(head)
            if status:
                self._waiter.set_exception(StatusError(status))
            else:
                self._waiter.set_result(answer)
            return

    def _break(self, error: NetOpsError) -> None:
        """No further request makes sense: the queue of ICMP errors would keep the socket readable for ever."""
        self._broken = error
        self._loop.remove_reader(self._descriptor)
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(error)


def _errno(error: OSError) -> int:
    """gufo gives the number as text only."""
    match = _OS_ERROR.search(str(error))
    return error.errno or (int(match[1]) if match else 0)


def _socket_error(error: OSError) -> NetOpsError:
    number = _errno(error)
    # gufo raises TimeoutError('connection refused') and nothing else of that type.
    if number == errno.ECONNREFUSED or isinstance(error, TimeoutError):
        return NetOpsError('unreachable:port-closed')
    if number in _NO_DESCRIPTOR:
        return NetOpsError('internal:error', 'too many open files: allow more, or lower the concurrency')
    return NetOpsError('unreachable:network', os.strerror(number) if number else '')
