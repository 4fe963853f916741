"""`python -m demo up` and `python -m demo check`, as `make demo` and `make demo-check` call them."""

import importlib
import sys

from lab.process import LabError, stop_on_signals
from lab.system import say

COMMANDS = ('up', 'check')


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        say(f'usage: python -m demo {"|".join(COMMANDS)}')
        return 2
    stop_on_signals()
    try:
        return importlib.import_module(f'demo.{arguments[0]}').main()
    except LabError as error:
        say(f'\n{error}')
        return 1
    except KeyboardInterrupt:
        say('\nStopped.')
        return 130


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
