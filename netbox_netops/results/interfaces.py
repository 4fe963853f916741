"""The interface table."""

from .columns import number, text
from .family import Family, last_seen

__all__ = ('INTERFACES',)

INTERFACES = Family(
    name='interfaces',
    table='netbox_netops_interfacestate',
    columns=(
        # Not negative: renumbering needs those numbers.
        number('index', least=0),
        text('name'),
        text('description'),
        text('alias'),
        number('type', 'integer'),
        number('mtu'),
        number('speed'),
        text('mac', 17),
        number('admin_status', 'smallint'),
        number('oper_status', 'smallint'),
        number('last_change'),
    ),
    key=('index',),
    names=('index', 'name', 'alias'),
    label=lambda row: row['name'] or str(row['index']),
    volatile=('last_change',),
    # Without ifName it is ifDescr.
    settled=('name',),
    derived={
        # By the clocks of the device. 0: before its agent began to count. More than a TimeTicks is no time.
        'entered': """CASE WHEN i.oper_status IS NOT NULL AND i.last_change > 0 AND i.last_change <= i.uptime_ticks
                                AND i.uptime_ticks < 4294967296
                           THEN i.started - make_interval(secs => (i.uptime_ticks - i.last_change) / 100.0) END""",
    },
    kept={
        'oper_since': (
            'COALESCE(i.entered, i.started)',
            f"""CASE WHEN t.oper_status IS NOT DISTINCT FROM i.oper_status THEN t.oper_since
                     WHEN t.oper_status IS NULL OR i.entered >= {last_seen('interfaces')}
                     THEN COALESCE(i.entered, i.started) ELSE i.started END""",
        ),
    },
    renumbered='name',
)
