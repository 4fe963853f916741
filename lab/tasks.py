"""What `make test`, `lint`, `bench` and `chaos` do. Run as `python -m lab.tasks lint|test|bench|chaos [arguments]`."""

import os
import subprocess
import sys
import time

from lab.paths import CHECKOUT, state_directory
from lab.process import stop_on_signals
from lab.system import say

PYTEST_NO_TESTS = 5

# Stage -> further arguments of pytest. Fast ones first.
STAGES = {
    'unit': ['-p', 'no:django'],
    'integration': ['-n', 'auto', '--maxprocesses=4'],
    'e2e': ['-p', 'no:django'],
}


def main(arguments: list[str]) -> int:
    tasks = {'lint': lint, 'test': test, 'bench': bench, 'chaos': chaos}
    if not arguments or arguments[0] not in tasks:
        say(f'usage: python -m lab.tasks {"|".join(tasks)} [arguments]')
        return 2
    stop_on_signals()
    try:
        return tasks[arguments[0]](arguments[1:])
    except KeyboardInterrupt:
        return 130


def lint(_arguments: list[str]) -> int:
    """Ruff's rules and its format."""
    for command in (['check'], ['format', '--check']):
        status = run(['-m', 'ruff', *command, '--cache-dir', str(state_directory() / 'ruff'), '.'])
        if status:
            return status
    return 0


def test(arguments: list[str]) -> int:
    """Lint, then each stage of tests; ends at the first that fails.

    `arguments` go to pytest. Paths among them choose the stages: then only those run, and no lint.
    """
    named = [stage for stage in STAGES if any(f'tests/{stage}' in argument for argument in arguments)]
    stages = named or list(STAGES)
    if not named:
        say('--- lint')
        if status := lint([]):
            return status
    ran = False
    for stage in stages:
        started = time.monotonic()
        say(f'--- {stage} tests')
        paths = [] if named else [f'tests/{stage}']
        mine = [argument for argument in arguments if not _of_another_stage(argument, stage)]
        status = run(['-m', 'pytest', '-o', f'cache_dir={state_directory() / "pytest"}', *STAGES[stage], *paths, *mine])
        say(f'--- {stage} tests: {time.monotonic() - started:.0f} s')
        # A selection such as `-k` may leave a stage empty; without one, a stage without tests is a mistake.
        if status and not (status == PYTEST_NO_TESTS and arguments):
            return status
        ran = ran or status == 0
    return 0 if ran else PYTEST_NO_TESTS


def _of_another_stage(argument: str, stage: str) -> bool:
    return any(f'tests/{other}' in argument for other in STAGES if other != stage)


def chaos(_arguments: list[str]) -> int:
    """Play the scenario of tests/e2e/chaos. It prints one JSON line for each seed on stdout."""
    return run(['-m', 'tests.e2e.chaos'])


def bench(arguments: list[str]) -> int:
    """Run `benchmarks/<name>.py`, or all of them. Each prints one JSON line last on stdout."""
    known = {path.stem: path for path in sorted((CHECKOUT / 'benchmarks').glob('[!_]*.py'))}
    if unknown := [name for name in arguments if name not in known]:
        say(f'No benchmark {", ".join(unknown)}. There are: {", ".join(known) or "none yet"}.')
        return 2
    for name in arguments or known:
        say(f'--- {name}')
        if status := run(['-m', f'benchmarks.{name}']):
            return status
    return 0


def run(arguments: list[str]) -> int:
    """Run Python at the root of the checkout and return its status."""
    env = os.environ | {
        'PYTHONPATH': os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get('PYTHONPATH')])),
        'HYPOTHESIS_STORAGE_DIRECTORY': str(state_directory() / 'hypothesis'),
    }
    with subprocess.Popen([sys.executable, *arguments], cwd=CHECKOUT, env=env) as process:
        try:
            status = process.wait()
        except BaseException:
            # Ctrl-C reaches the child too: let it clean up, it has servers to stop.
            process.terminate()
            process.wait()
            raise
    return status if status >= 0 else 128 - status


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
