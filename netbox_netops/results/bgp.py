"""BGP sessions."""

from .columns import flag, number, text
from .family import Event, Family, last_seen

__all__ = ('BGP',)

# Two clocks and whole seconds: what is less apart is the same moment.
_MOVED = 'COALESCE(abs(extract(epoch FROM t.established_at - i.began)) > 60, i.began IS NOT NULL)'
# Established both times, but not without a break: by the counter, or because the session began after it was seen last,
# or is younger than it was then. A slow clock moves the beginning too, but not that far, and makes nothing younger.
_SEEN = last_seen('bgp')
_RESET = f"""(t.state = 6 AND i.state = 6 AND COALESCE(
    i.transitions > t.transitions
    OR (extract(epoch FROM i.began - t.established_at) > 60
        AND (extract(epoch FROM {_SEEN} - i.began) < 60
             OR extract(epoch FROM ({_SEEN} - t.established_at) - (i.started - i.began)) > 60)), false))"""

BGP = Family(
    name='bgp',
    table='netbox_netops_bgppeerstate',
    columns=(
        text('vrf', 200),
        text('address', 100, required=True),
        number('remote_as'),
        number('local_as'),
        text('local_address', 100),
        text('router_id', 100),
        number('state', 'smallint'),
        flag('enabled'),
        number('established_seconds'),
        number('transitions'),
        number('prefixes_accepted'),
        number('prefixes_advertised'),
        text('last_error', 20),
        text('description'),
        text('mib', 50),
    ),
    key=('vrf', 'address'),
    names=('vrf', 'address', 'remote_as', 'description', 'state'),
    label=lambda row: f'{row["vrf"]} {row["address"]}'.strip(),
    volatile=('transitions', 'prefixes_accepted', 'prefixes_advertised'),
    # Sums, and the MIB that a session is begun from: without a column or a table they are others.
    settled=('mib', 'prefixes_accepted', 'prefixes_advertised'),
    unstored=('established_seconds',),
    derived={
        # An unsigned 32-bit number; what is more is no time.
        'began': """CASE WHEN i.state = 6 AND i.established_seconds BETWEEN 0 AND 4294967295
                         THEN i.started - make_interval(secs => i.established_seconds) END""",
    },
    kept={
        'established_at': (
            'i.began',
            f"""CASE WHEN i.state IS DISTINCT FROM 6 THEN NULL
                     WHEN t.state IS DISTINCT FROM i.state OR {_RESET} THEN i.began
                     WHEN (i.whole OR i.began IS NOT NULL)
                          AND (t.transitions IS DISTINCT FROM i.transitions OR {_MOVED}) THEN i.began
                     ELSE t.established_at END""",
        ),
        'state_since': (
            'COALESCE(i.began, i.started)',
            f"""CASE WHEN t.state IS DISTINCT FROM i.state OR {_RESET} THEN COALESCE(i.began, i.started)
                     WHEN {_MOVED} THEN i.began ELSE t.state_since END""",
        ),
    },
    stale=_MOVED,
    event=Event('reset', _RESET, told='established_at'),
    clock=('established_seconds', 'state', 6),
)
