"""One seed of the chaos, another one each time. `CHAOS_SEED=… make chaos` plays a seed again."""

import random

from .scenario import play


def test_nothing_is_lost_whatever_fails():
    seed = random.SystemRandom().randrange(1_000_000)
    print(f'chaos seed {seed}')
    outcome = play(seed)
    print(outcome.to_json())
    assert not outcome.broken, outcome.to_json()
