"""What a target hears by LLDP and CDP."""

from .columns import number, text
from .family import Family

__all__ = ('NEIGHBOURS',)

NEIGHBOURS = Family(
    name='neighbours',
    table='netbox_netops_neighbourstate',
    columns=(
        text('protocol', 10, required=True),
        number('if_index', source='interface'),
        text('local_port', 200),
        text('chassis_id', 200),
        text('port_id', 200),
        text('port_description'),
        text('system_name'),
        text('system_description', 10_000),
        text('address', 100),
        text('platform'),
    ),
    key=('protocol', 'if_index', 'local_port', 'chassis_id', 'port_id'),
    names=('local_port', 'system_name', 'port_id'),
    label=lambda row: f'{row["local_port"]} {row["system_name"] or row["chassis_id"]}'.strip(),
)
