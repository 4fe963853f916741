"""The provider that reads secrets from files below one directory, as Docker and Kubernetes mount them."""

import errno
import os
import stat
from collections import deque
from contextlib import ExitStack
from pathlib import PurePosixPath

from netops_worker.errors import NetOpsError
from netops_worker.secrets.providers import SecretProvider, SecretSubject
from netops_worker.secrets.value import Secret

__all__ = (
    'FileProvider',
    'check_path',
)

_MAX_BYTES = 64 * 1024
_MAX_LINKS = 16
_O_PATH = getattr(os, 'O_PATH', os.O_RDONLY)
_DIRECTORY_FLAGS = _O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
# O_NONBLOCK: a FIFO that replaced the file between the look and the opening must not hang the worker.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class FileProvider(SecretProvider):
    """Secrets in files below `directory`; a reference is a path relative to it.

    Links are followed as long as they stay below the directory (Kubernetes' `..data`). Each step is taken from the
    opened directory before it and without following links, so what was checked is what is read. Refused are anything
    but regular files, files that everybody may write, and paths through directories that everybody may write
    (unless sticky). One trailing newline is not part of the secret.
    """

    def __init__(self, directory: str | os.PathLike[str] | None) -> None:
        self._directory = os.fspath(directory) if directory else ''

    def resolve(self, reference: str, subject: SecretSubject | None = None) -> Secret:
        if not self._directory:
            raise NetOpsError('secret:unavailable', 'no directory for secret files is configured')
        parts = check_path(reference)
        try:
            try:
                content = self._read(reference, parts)
            except FileNotFoundError:
                # Kubernetes may just have switched `..data` to another directory and removed the old one.
                content = self._read(reference, parts)
        except (FileNotFoundError, NotADirectoryError):
            raise NetOpsError('secret:not-found', f'file {reference!r} does not exist') from None
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):
                raise _refused(reference, 'it changed while it was opened') from None
            if error.errno == errno.ENAMETOOLONG:
                raise NetOpsError('secret:not-found', f'file {reference!r} does not exist') from None
            raise NetOpsError('secret:unavailable', f'file {reference!r}: {error.strerror}') from None
        return _secret(reference, content)

    def check(self, reference: str) -> None:
        check_path(reference)

    def _read(self, reference: str, parts: list[str]) -> bytes:
        with ExitStack() as stack:

            def opened(name: str, flags: int, parent: int | None = None) -> int:
                descriptor = os.open(name, flags, dir_fd=parent)
                stack.callback(os.close, descriptor)
                return descriptor

            root_path = os.path.realpath(self._directory)
            try:
                root = opened(root_path, _DIRECTORY_FLAGS)
            except OSError as error:
                raise NetOpsError('secret:unavailable', f'the directory for secret files: {error.strerror}') from None
            _check_writers(reference, os.fstat(root))

            directories = [root]
            todo = deque(parts)
            links = 0
            while todo:
                name = todo.popleft()
                if name == '..':
                    # Only links bring these here, and they may not leave the directory.
                    directories.pop()
                    if not directories:
                        raise _refused(reference, 'a link leads out of the directory')
                    continue
                here = directories[-1]
                found = os.stat(name, dir_fd=here, follow_symlinks=False)
                if stat.S_ISLNK(found.st_mode):
                    links += 1
                    if links > _MAX_LINKS:
                        raise _refused(reference, 'too many links')
                    target = os.readlink(name, dir_fd=here)
                    if target.startswith('/'):
                        target = _relative(reference, root_path, target)
                        directories = [root]
                    todo.extendleft(reversed(_split(target)))
                elif stat.S_ISDIR(found.st_mode) and todo:
                    directories.append(opened(name, _DIRECTORY_FLAGS | os.O_NOFOLLOW, here))
                    _check_writers(reference, os.fstat(directories[-1]))
                elif todo and stat.S_ISREG(found.st_mode):
                    raise NotADirectoryError
                elif not stat.S_ISREG(found.st_mode):
                    # Looked at before opening: to open a device can already do something.
                    raise _refused(reference, 'it is not a regular file')
                else:
                    return _content(reference, opened(name, _FILE_FLAGS, here))
            raise _refused(reference, 'it is not a regular file')


def check_path(reference: str) -> list[str]:
    """The parts of a reference to a file. Raises NetOpsError `secret:refused` unless it is a plain relative path."""
    if not isinstance(reference, str) or not reference or '\0' in reference:
        raise NetOpsError('secret:refused', f'{reference!r} is not a file name')
    if reference.startswith('/'):
        raise _refused(reference, 'it must be relative to the directory for secret files')
    if '..' in reference.split('/'):
        raise _refused(reference, 'it must not contain ".."')
    return _split(reference)


def _split(path: str) -> list[str]:
    return [part for part in path.split('/') if part not in ('', '.')]


def _relative(reference: str, root: str, target: str) -> str:
    """An absolute link as a path below `root`. It is walked again from there, so this need not be free of races."""
    parent, name = os.path.split(target.rstrip('/'))
    path = PurePosixPath(os.path.realpath(parent), name)
    if not path.is_relative_to(root):
        raise _refused(reference, 'a link leads out of the directory')
    return str(path.relative_to(root))


def _content(reference: str, descriptor: int) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise _refused(reference, 'it is not a regular file')
    if status.st_mode & stat.S_IWOTH:
        raise _refused(reference, 'everybody may write it')
    content = b''
    while len(content) <= _MAX_BYTES and (chunk := os.read(descriptor, _MAX_BYTES + 1 - len(content))):
        content += chunk
    return content


def _secret(reference: str, content: bytes) -> Secret:
    if len(content) > _MAX_BYTES:
        raise _refused(reference, f'it is larger than {_MAX_BYTES} bytes')
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise _refused(reference, 'it is not UTF-8 text') from None
    text = text.removesuffix('\n').removesuffix('\r')
    if not text:
        raise NetOpsError('secret:not-found', f'file {reference!r} is empty')
    return Secret(text)


def _check_writers(reference: str, status: os.stat_result) -> None:
    if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        raise _refused(reference, 'everybody may write to a directory on its path')


def _refused(reference: str, why: str) -> NetOpsError:
    return NetOpsError('secret:refused', f'file {reference!r}: {why}')
