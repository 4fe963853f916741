"""An SnmpClient that answers from a recording in snmpsim's format, without a network."""

import bisect
from collections.abc import Collection, Sequence
from pathlib import Path

from netops_worker.probes.snmp.client import IpAddress, ObjectId, SnmpValue, Values, Walk

type Key = tuple[int, ...]


class RecordedClient:
    """Answers from rows `OID|tag|value` (`.snmprec`). `walked`: the columns it was asked to walk."""

    def __init__(self, text: str) -> None:
        self._rows: dict[Key, SnmpValue] = {}
        for line in text.splitlines():
            if line.strip():
                oid, tag, value = line.strip('\r\n').split('|', 2)
                self._rows[_key(oid)] = _value(tag, value)
        self._keys = sorted(self._rows)
        self.walked: list[str] = []

    @classmethod
    def load(cls, path: Path) -> 'RecordedClient':
        return cls(path.read_text(encoding='latin-1'))

    async def get(self, oids: Sequence[str]) -> Values:
        keys = {oid: _key(oid) for oid in oids}
        return Values({oid: self._rows[key] for oid, key in keys.items() if key in self._rows})

    async def walk(self, columns: Sequence[str]) -> Walk:
        self.walked += columns
        return Walk({column: self._below(column) for column in columns})

    async def present(self, subtrees: Collection[str]) -> set[str]:
        return {subtree for subtree in subtrees if self._below(subtree)}

    def close(self) -> None:
        pass

    def _below(self, subtree: str) -> dict[str, SnmpValue]:
        root = _key(subtree)
        found = {}
        for key in self._keys[bisect.bisect_right(self._keys, root) :]:
            if key[: len(root)] != root:
                break
            found['.'.join(map(str, key[len(root) :]))] = self._rows[key]
        return found


def _key(oid: str) -> Key:
    return tuple(map(int, oid.strip('.').split('.')))


def _value(tag: str, value: str) -> SnmpValue:
    # Variation modules (`65:numeric`) do not occur in what this is for.
    if tag in ('4x', '68x'):
        return bytes.fromhex(value)
    if tag in ('4', '68'):
        return value.encode('latin-1')
    if tag == '64x':
        return IpAddress('.'.join(map(str, bytes.fromhex(value))))
    if tag == '64':
        return IpAddress(value)
    if tag == '6':
        return ObjectId(value.strip('.'))
    if tag in ('2', '65', '66', '67', '70'):
        return int(value)
    return None
