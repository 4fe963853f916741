"""Where the lab keeps its files: the checkout, the state directory and the cache."""

import functools
import os
import subprocess
from pathlib import Path

__all__ = (
    'CHECKOUT',
    'cache_directory',
    'state_directory',
)

CHECKOUT = Path(__file__).resolve().parent.parent


@functools.cache
def state_directory() -> Path:
    """The one directory that holds all state. `lab/bootstrap.sh` owns the rule, so that both always agree."""
    answer = subprocess.run(
        ['sh', str(CHECKOUT / 'lab' / 'bootstrap.sh'), '--print-state'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    path = Path(answer.stdout.strip())
    path.mkdir(mode=0o755, parents=True, exist_ok=True)
    return path


@functools.cache
def cache_directory() -> Path:
    """Outside the checkout, shared by all checkouts of one user; `make clean` leaves it alone."""
    chosen = os.environ.get('NETOPS_CACHE')
    if not chosen:
        chosen = Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'netbox-netops'
    path = Path(chosen).absolute()
    path.mkdir(mode=0o755, parents=True, exist_ok=True)
    return path
