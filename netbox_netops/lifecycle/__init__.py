"""The life of RunTargets, as set-based SQL; what a Run's counts derive from.

waiting -> running                                   claim
running -> succeeded | failed | cancelled | waiting  finish: an attempt ended, and another may follow
running -> waiting                                   hand_back, defer: no attempt
running -> waiting | failed | cancelled              reap_leases: the lease ran out
waiting -> expired | failed                          expire_overdue: its time is over
waiting -> cancelled                                 cancel_run, cancel_rows
"""

from .announcing import runs_finished
from .claims import MOST_RETURNS, Claim, Claimed, claim, claimable, claimable_runs, defer, hand_back
from .control import cancel_rows, cancel_run, cancelled_among, hurry, pause, resume, retry_now, wake, wake_all
from .finishing import finish, release_limits, retry_delay, settle, settle_finished
from .overdue import expire_overdue, reap_leases

__all__ = (
    'MOST_RETURNS',
    'Claim',
    'Claimed',
    'cancel_rows',
    'cancel_run',
    'cancelled_among',
    'claim',
    'claimable',
    'claimable_runs',
    'defer',
    'expire_overdue',
    'finish',
    'hand_back',
    'hurry',
    'pause',
    'reap_leases',
    'release_limits',
    'resume',
    'retry_delay',
    'retry_now',
    'runs_finished',
    'settle',
    'settle_finished',
    'wake',
    'wake_all',
)
