"""From ifType (IANAifType-MIB) and speed to NetBox's interface types, as SQL."""

from dcim.choices import InterfaceTypeChoices as Type
from dcim.constants import NONCONNECTABLE_IFACE_TYPES

__all__ = (
    'is_connectable',
    'is_vlan_without_router',
    'suggested_type',
    'type_is_wrong',
)

_ETHERNET = (6, 62, 69, 117)
_LAG = 161
_BRIDGE = 209
_PROP_VIRTUAL = 53
_L2_VLAN = 135
_FIBRE_CHANNEL = 56
_LOOPBACK_TUNNEL_VLAN = (24, 131, _L2_VLAN, 136, 150)
# T1, T3 and SONET: what is one is neither virtual nor a LAG.
_CIRCUITS = (18, 30, 39)
_OTHERS = {71: Type.TYPE_OTHER_WIRELESS, 94: Type.TYPE_XDSL, 97: Type.TYPE_XDSL, 230: Type.TYPE_XDSL,
           251: Type.TYPE_XDSL, 250: Type.TYPE_GPON}  # fmt: skip

_VIRTUAL = (Type.TYPE_VIRTUAL, Type.TYPE_BRIDGE, Type.TYPE_LAG)
# These say nothing about what the interface is.
_UNSPECIFIC = (Type.TYPE_OTHER, Type.TYPE_CHANNEL)

# Mbit/s
_ETHERNET_TYPES = {
    100: Type.TYPE_100ME_FIXED,
    1_000: Type.TYPE_1GE_FIXED,
    2_500: Type.TYPE_2GE_FIXED,
    5_000: Type.TYPE_5GE_FIXED,
    10_000: Type.TYPE_10GE_SFP_PLUS,
    25_000: Type.TYPE_25GE_SFP28,
    40_000: Type.TYPE_40GE_QSFP_PLUS,
    50_000: Type.TYPE_50GE_QSFP28,
    100_000: Type.TYPE_100GE_QSFP28,
    200_000: Type.TYPE_200GE_QSFP56,
    400_000: Type.TYPE_400GE_QSFP_DD,
    800_000: Type.TYPE_800GE_QSFP_DD,
}
_FIBRE_CHANNEL_TYPES = {
    4_000: Type.TYPE_4GFC_SFP,
    8_000: Type.TYPE_8GFC_SFP_PLUS,
    16_000: Type.TYPE_16GFC_SFP_PLUS,
    32_000: Type.TYPE_32GFC_SFP28,
}


def _list(values) -> str:
    return ', '.join(f"'{value}'" if isinstance(value, str) else str(value) for value in values)


def _by_speed(speed: str, types: dict[int, str]) -> str:
    cases = ' '.join(f"WHEN {mbps * 1_000_000} THEN '{name}'" for mbps, name in types.items())
    return f"CASE {speed} {cases} ELSE '{Type.TYPE_OTHER}' END"


def suggested_type(kind: str, speed: str, name: str) -> str:
    """The NetBox type of an interface of this ifType, speed (bit/s) and name; 'other' if unsure. All are SQL."""
    others = ' '.join(f"WHEN {kind} = {number} THEN '{value}'" for number, value in _OTHERS.items())
    return f"""
        CASE WHEN {kind} = {_LAG} THEN '{Type.TYPE_LAG}'
             WHEN {kind} = {_BRIDGE} THEN '{Type.TYPE_BRIDGE}'
             WHEN {kind} = {_PROP_VIRTUAL} AND {name} ~* '^(port-?channel|po|bundle-ether|ae|trk|bond|lag)[ .-]?\\d+$'
                 THEN '{Type.TYPE_LAG}'
             WHEN {kind} IN ({_list((_PROP_VIRTUAL, *_LOOPBACK_TUNNEL_VLAN))}) THEN '{Type.TYPE_VIRTUAL}'
             WHEN {kind} IN ({_list(_ETHERNET)}) AND {name} ~ '\\d\\.\\d+$' THEN '{Type.TYPE_VIRTUAL}'
             WHEN {kind} IN ({_list(_ETHERNET)}) THEN {_by_speed(speed, _ETHERNET_TYPES)}
             WHEN {kind} = {_FIBRE_CHANNEL} THEN {_by_speed(speed, _FIBRE_CHANNEL_TYPES)}
             {others}
             ELSE '{Type.TYPE_OTHER}' END
    """


def type_is_wrong(kind: str, documented: str) -> str:
    """Whether the ifType proves that the documented type is wrong.

    Many agents call bridges, bonds and VLANs ethernetCsmacd, and some call a LAG propVirtual: these prove less.
    """
    physical = f'{documented} NOT IN ({_list((*_VIRTUAL, *_UNSPECIFIC))})'
    return f"""
        CASE WHEN {documented} IN ({_list(_UNSPECIFIC)}) THEN false
             WHEN {kind} = {_LAG} THEN {documented} <> '{Type.TYPE_LAG}'
             WHEN {kind} = {_BRIDGE} THEN {documented} NOT IN ('{Type.TYPE_BRIDGE}', '{Type.TYPE_VIRTUAL}')
             WHEN {kind} = {_PROP_VIRTUAL} THEN {physical}
             WHEN {kind} IN ({_list(_LOOPBACK_TUNNEL_VLAN)}) THEN {physical} OR {documented} = '{Type.TYPE_LAG}'
             WHEN {kind} IN ({_list(_CIRCUITS)}) THEN {documented} IN ({_list(_VIRTUAL)})
             ELSE false END
    """


def is_vlan_without_router(kind: str, name: str) -> str:
    """Whether this is a VLAN that switches list as an interface; it is one to document when it has an address."""
    return f"{kind} IN ({_L2_VLAN}, {_PROP_VIRTUAL}) AND {name} ~* '(^v(lan|l)?[ _.-]*\\d+$|vlan)'"


def is_connectable(documented: str) -> str:
    return f'{documented} NOT IN ({_list(NONCONNECTABLE_IFACE_TYPES)})'
