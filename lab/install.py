"""Make the virtual environment of the lab. Run by `bootstrap.sh` with the base interpreter: standard library only.

    python install.py CHECKOUT STATE

Does nothing when the environment fits this interpreter and the project's dependencies have not changed.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

# Run as a file, by an interpreter that knows nothing of this checkout.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from lab.system import Progress, find_program, install_packages, say  # noqa: E402


def main(checkout: Path, state: Path) -> int:
    with (state / 'install.lock').open('a') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        directory = state / 'venv'
        stamp = directory / 'installed'
        wanted = fingerprint(checkout)
        if stamp.exists() and stamp.read_text() == wanted:
            return 0
        return install(checkout, directory, state / 'install.log', stamp, wanted)


def fingerprint(checkout: Path) -> str:
    """Changes when the environment must be made again: other dependencies, other interpreter, other place."""
    digest = hashlib.sha256()
    for part in (sys.version, sys.executable, str(checkout)):
        digest.update(part.encode() + b'\0')
    # Only what is installed counts: the settings of tools in the same file change often.
    project = tomllib.loads((checkout / 'pyproject.toml').read_text())
    digest.update(json.dumps([project['build-system'], project['project']]).encode())
    digest.update((checkout / 'setup.py').read_bytes())
    return digest.hexdigest()


def install(checkout: Path, directory: Path, log: Path, stamp: Path, wanted: str) -> int:
    say(f'Installing NetBox and the project for Python {sys.version.split()[0]}: a minute or two the first time ...')
    stamp.unlink(missing_ok=True)
    missing = missing_build_packages()
    if missing and install_packages(*missing):
        missing = []
    python = directory / 'bin' / 'python'
    # Packages of another minor version in the same place would only be dead weight.
    venv.create(directory, with_pip=True, symlinks=True, clear=not same_version(python))
    command = [python, '-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off',
               '-e', f'{checkout}[demo,dev]']  # fmt: skip
    lines: list[str] = []

    def state() -> str:
        packages = sum(line.startswith(('Collecting ', 'Requirement already satisfied: ')) for line in lines)
        return f'{packages} packages, {lines[-1].strip()[:60] if lines else "starting"}'

    with (
        Progress(state),
        log.open('w') as output,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL
        ) as pip,
    ):
        for line in pip.stdout:
            lines.append(line)
            output.write(line)
    if pip.returncode:
        say(f'\npip failed; its last words, and all of them in {log}:')
        say('\n'.join(log.read_text().splitlines()[-15:]))
        if missing:
            say(
                f'NetBox compiles its database driver. Install what that needs, then start again:\n'
                f'  Debian, Ubuntu:  apt-get install {" ".join(missing)}\n'
                f'  Fedora, RHEL:    dnf install gcc libpq-devel python3-devel'
            )
        return 1
    stamp.write_text(wanted)
    return 0


def missing_build_packages() -> list[str]:
    """Debian packages of what pip needs to compile psycopg-c, on which NetBox insists, and that is not there."""
    header = Path(sysconfig.get_path('include')) / 'Python.h'
    needed = {
        'gcc': find_program('cc') or find_program('gcc'),
        'libc6-dev': Path('/usr/include/stdlib.h').exists(),
        'libpq-dev': find_program('pg_config') and any(Path('/usr/include').glob('**/libpq-fe.h')),
        f'python{sys.version_info.major}.{sys.version_info.minor}-dev': header.exists(),
    }
    return [package for package, there in needed.items() if not there]


def same_version(python: Path) -> bool:
    """Whether the environment's interpreter still runs, and is of this one's minor version."""
    try:
        answer = subprocess.run([python, '-c', 'import sys; print(*sys.version_info[:2])'],
                                capture_output=True, text=True)  # fmt: skip
    except OSError:
        return False
    return answer.stdout.split() == [str(number) for number in sys.version_info[:2]]


if __name__ == '__main__':
    os.umask(0o022)
    try:
        sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
    except KeyboardInterrupt:
        sys.exit(130)
