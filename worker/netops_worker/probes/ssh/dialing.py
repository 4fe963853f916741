"""A TCP connection to a device, and what is known of it afterwards."""

import asyncio
import errno
import os
import socket

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.snmp.transport import resolve

__all__ = ('dial',)

_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)


async def dial(address: str, port: int, context: ProbeContext) -> socket.socket:
    """A connected socket that does not block, to be closed by the caller, who also limits the time.

    Raises NetOpsError `unreachable:port-closed`, `unreachable:network`, `unreachable:no-response`,
    `target:no-address` or `internal:error`.
    """
    family, endpoint = await resolve(address, port)
    context.check_deadline()
    try:
        connection = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise _failure(error) from None
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connection, endpoint)
    except OSError as error:
        connection.close()
        raise _failure(error) from None
    except BaseException:
        connection.close()
        raise
    return connection


def _failure(error: OSError) -> NetOpsError:
    number = error.errno or 0
    if number == errno.ECONNREFUSED:
        return NetOpsError('unreachable:port-closed')
    if number in (errno.ETIMEDOUT, errno.ECONNRESET):
        return NetOpsError('unreachable:no-response')
    if number in _NO_DESCRIPTOR:
        return NetOpsError('internal:error', 'too many open files: allow more, or lower the concurrency')
    return NetOpsError('unreachable:network', os.strerror(number) if number else '')
