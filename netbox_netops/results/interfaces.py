"""The interface table."""

from .columns import number, text
from .family import Family

__all__ = ('INTERFACES',)

INTERFACES = Family(
    name='interfaces',
    table='netbox_netops_interfacestate',
    columns=(
        number('index'),
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
    kept={
        'oper_since': (
            'i.started',
            'CASE WHEN t.oper_status IS DISTINCT FROM i.oper_status THEN i.started ELSE t.oper_since END',
        ),
    },
)
