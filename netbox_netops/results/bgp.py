"""BGP sessions."""

from .columns import flag, number, text
from .family import Family

__all__ = ('BGP',)

# Two clocks and whole seconds: what is less apart is the same moment.
_MOVED = 'COALESCE(abs(extract(epoch FROM t.established_at - i.began)) > 60, i.began IS NOT NULL)'

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
                     WHEN t.state IS DISTINCT FROM i.state OR t.transitions IS DISTINCT FROM i.transitions
                          OR {_MOVED} THEN i.began
                     ELSE t.established_at END""",
        ),
        'state_since': (
            'COALESCE(i.began, i.started)',
            f"""CASE WHEN t.state IS DISTINCT FROM i.state THEN COALESCE(i.began, i.started)
                     WHEN {_MOVED} THEN i.began ELSE t.state_since END""",
        ),
    },
    stale=_MOVED,
    clock=('established_seconds', 'state', 6),
)
