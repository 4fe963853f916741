"""Programs of the operating system: installed by apt where that is allowed, else named so that a person can."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

__all__ = (
    'Progress',
    'find_program',
    'install_packages',
    'say',
)

# Debian keeps daemons out of an ordinary user's PATH.
EXTRA_PATH = ('/usr/sbin', '/sbin', '/usr/local/sbin')


def say(text: str) -> None:
    """Progress for people: on stderr, so that stdout stays free for results."""
    print(text, file=sys.stderr, flush=True)


class Progress:
    """Shows, while its block runs, what `text()` returns and the seconds since the start.

    On a terminal one line that is updated twice a second, elsewhere a line every ten seconds. The last state stays.
    """

    def __init__(self, text: Callable[[], str]):
        self._text = text
        self._started = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exc):
        self._ended.set()
        self._thread.join()
        self._show(end='\n')

    def _run(self) -> None:
        while not self._ended.wait(0.5 if sys.stderr.isatty() else 10):
            self._show()

    def _show(self, end: str = '') -> None:
        line = f'  {self._text()}, {time.monotonic() - self._started:.0f} s'
        if sys.stderr.isatty():
            print(f'\r{line}\033[K', end=end, file=sys.stderr, flush=True)
        else:
            say(line)


def find_program(name: str) -> str | None:
    """Absolute path of a program, looking in the directories of daemons too."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get('PATH', os.defpath), *EXTRA_PATH]))


def install_packages(*packages: str) -> bool:
    """Install Debian packages; False where this is not Debian, the user is not root, or apt fails."""
    apt = shutil.which('apt-get')
    if apt is None or os.geteuid() != 0 or not Path('/etc/debian_version').exists():
        return False
    say(f'Installing {" ".join(packages)} (apt-get) ...')
    env = os.environ | {'DEBIAN_FRONTEND': 'noninteractive'}
    install = [apt, 'install', '-y', '--no-install-recommends', *packages]
    # The package lists of a fresh image are absent or old: refresh them only when the first try shows it.
    for command in (install, [apt, 'update'], install):
        done = subprocess.run(command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if command is install and done.returncode == 0:
            return True
    say(f'apt-get could not install {" ".join(packages)}:\n{done.stderr.strip()}')
    return False
