"""The clock of leases."""

import time

__all__ = ('lease_now',)

# A lease goes on while the host is suspended; the monotonic clock stands still then, as the timers of the probes do.
_CLOCK = getattr(time, 'CLOCK_BOOTTIME', time.CLOCK_MONOTONIC)


def lease_now() -> float:
    """Seconds, to be compared with what this function returned before."""
    return time.clock_gettime(_CLOCK)
