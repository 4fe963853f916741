"""`make chaos`: one JSON line on stdout for each seed. CHAOS_SEED (random), CHAOS_ROUNDS (1), CHAOS_TARGETS (2000)."""

import os
import random
import sys

from lab.process import LabError, stop_on_signals
from lab.system import say

from .scenario import play


def main() -> int:
    stop_on_signals()
    first = int(os.environ.get('CHAOS_SEED') or random.SystemRandom().randrange(1_000_000))
    failed = False
    for seed in range(first, first + int(os.environ.get('CHAOS_ROUNDS', '1'))):
        say(f'--- chaos, seed {seed}')
        try:
            outcome = play(seed, int(os.environ.get('CHAOS_TARGETS', '2000')))
        except LabError as error:
            say(f'\n{error}')
            failed = True
            continue
        print(outcome.to_json(), flush=True)
        failed = failed or bool(outcome.broken)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
