"""The physical components of a device: entPhysicalTable of ENTITY-MIB (RFC 6933, section 3)."""

from collections.abc import Collection
from itertools import chain
from typing import Any

from netops_worker.probes.snmp.client import ObjectId, SnmpClient, SnmpValue
from netops_worker.probes.snmp.collectors.collected import Collected
from netops_worker.probes.snmp.collectors.tables import Columns, Table, TableReader
from netops_worker.probes.snmp.text import integers, lines, unsigned

__all__ = (
    'ROOTS',
    'collect_inventory',
)

_ENT_PHYSICAL_ENTRY = '1.3.6.1.2.1.47.1.1.1.1'

_TABLE = Table(
    _ENT_PHYSICAL_ENTRY,
    {
        'entPhysicalDescr': f'{_ENT_PHYSICAL_ENTRY}.2',
        'entPhysicalVendorType': f'{_ENT_PHYSICAL_ENTRY}.3',
        'entPhysicalContainedIn': f'{_ENT_PHYSICAL_ENTRY}.4',
        'entPhysicalClass': f'{_ENT_PHYSICAL_ENTRY}.5',
        'entPhysicalName': f'{_ENT_PHYSICAL_ENTRY}.7',
        'entPhysicalHardwareRev': f'{_ENT_PHYSICAL_ENTRY}.8',
        'entPhysicalFirmwareRev': f'{_ENT_PHYSICAL_ENTRY}.9',
        'entPhysicalSoftwareRev': f'{_ENT_PHYSICAL_ENTRY}.10',
        'entPhysicalSerialNum': f'{_ENT_PHYSICAL_ENTRY}.11',
        'entPhysicalMfgName': f'{_ENT_PHYSICAL_ENTRY}.12',
        'entPhysicalModelName': f'{_ENT_PHYSICAL_ENTRY}.13',
        'entPhysicalIsFRU': f'{_ENT_PHYSICAL_ENTRY}.16',
    },
)

ROOTS: tuple[str, ...] = (_TABLE.root,)

# zeroDotZero (RFC 2578): a vendor type that is not known.
_NO_TYPE = '0.0'
# TruthValue (RFC 2579)
_TRUTH = {1: True, 2: False}


async def collect_inventory(client: SnmpClient, present: Collection[str]) -> Collected:
    """The components ordered by index.

    `index`, `parent` (the index of the component it is in) and `class` (IANAPhysicalClass) are int; `fru`, whether it
    can be replaced in the field, is a boolean; all but the index may be None. The others are text, '' if there is none:
    `name`, `description`, `model`, `serial`, `hardware`, `firmware`, `software`, `manufacturer`, `vendor_type` (an
    OBJECT IDENTIFIER).
    """
    reader = TableReader(client, present)
    columns = await reader.read(_TABLE)
    return Collected(_rows(columns), reader.failure, reader.listed)


def _rows(columns: Columns) -> list[dict[str, Any]]:
    # PhysicalIndex is one number; whatever has more behind the column is no row of this table.
    found = dict.fromkeys(chain.from_iterable(columns.values()))
    numbers = sorted(int(index) for index in found if index.isdecimal())
    indexes = list(map(str, numbers))

    def column(name: str) -> list[SnmpValue]:
        values = columns[name]
        # Nearly always the rows are the same in all columns, and need no lookup.
        return list(values.values()) if list(values) == indexes else list(map(values.get, indexes))

    def texts(name: str) -> list[str]:
        return lines(column(name)) if columns[name] else [''] * len(indexes)

    return [
        {
            'index': index,
            'parent': unsigned(parent) or None,
            'class': kind,
            'name': name,
            'description': description,
            'model': model,
            'serial': serial,
            'hardware': hardware,
            'firmware': firmware,
            'software': software,
            'manufacturer': manufacturer,
            'vendor_type': vendor_type,
            'fru': fru,
        }
        for (
            index, parent, kind, name, description, model, serial, hardware, firmware, software, manufacturer,
            vendor_type, fru
        ) in zip(
            numbers,
            column('entPhysicalContainedIn'),
            integers(column('entPhysicalClass')),
            texts('entPhysicalName'),
            texts('entPhysicalDescr'),
            texts('entPhysicalModelName'),
            texts('entPhysicalSerialNum'),
            texts('entPhysicalHardwareRev'),
            texts('entPhysicalFirmwareRev'),
            texts('entPhysicalSoftwareRev'),
            texts('entPhysicalMfgName'),
            map(_vendor_type, column('entPhysicalVendorType')),
            map(_TRUTH.get, integers(column('entPhysicalIsFRU'))),
            strict=True,
        )
    ]  # fmt: skip


def _vendor_type(value: SnmpValue) -> str:
    return str(value) if isinstance(value, ObjectId) and value != _NO_TYPE else ''
