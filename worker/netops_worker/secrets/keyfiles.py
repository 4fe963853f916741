"""The files that a provider itself needs to log in or to decrypt: tokens, secret ids, private keys."""

import os
import stat

from netops_worker.errors import NetOpsError
from netops_worker.secrets.value import Secret

__all__ = ('read_key_file',)

_MAX_BYTES = 64 * 1024
# O_NONBLOCK: a FIFO in its place must not hang the worker.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def read_key_file(path: str, what: str) -> Secret:
    """The text in the file, without white space around it. `what` names it in the detail, which says no path.

    Raises NetOpsError `secret:wrong-key` when it cannot be read, is empty, or is open to everybody.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise _wrong(what, f'cannot be read: {getattr(error, "strerror", None) or type(error).__name__}') from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _wrong(what, 'is not a regular file')
        if status.st_mode & stat.S_IRWXO:
            mode = stat.S_IMODE(status.st_mode)
            raise _wrong(what, f'is open to everybody (mode {mode:04o}): take that away with chmod o=')
        content = b''
        while len(content) <= _MAX_BYTES and (chunk := os.read(descriptor, _MAX_BYTES + 1 - len(content))):
            content += chunk
    finally:
        os.close(descriptor)
    try:
        text = content.decode('ascii').strip()
    except UnicodeDecodeError:
        raise _wrong(what, 'is not text') from None
    if not text or len(content) > _MAX_BYTES:
        raise _wrong(what, 'is empty' if not text else f'is larger than {_MAX_BYTES} bytes')
    return Secret(text)


def _wrong(what: str, problem: str) -> NetOpsError:
    return NetOpsError('secret:wrong-key', f'the file with the {what} {problem}')
