"""Results of device-scan: which of them are news, and the merging of what each family brought."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection

from netops_worker.wire import Result

from ..bulk import copy_columns, copy_rows
from ..drift.compare import compare
from ..transitions import Transition, announce
from .addresses import ADDRESSES
from .answers import Answer, answer_transitions
from .bgp import BGP
from .changes import describe, transitions
from .family import Family
from .history import SCAN, insert_history, scan_row, start_time, update_targets
from .interfaces import INTERFACES
from .inventory import INVENTORY
from .links import link_interfaces
from .merge import merge_rows
from .neighbours import NEIGHBOURS
from .system import PLATFORM, SYSTEM

__all__ = (
    'FAMILIES',
    'merge_scans',
)

FAMILIES = (SYSTEM, PLATFORM, INTERFACES, ADDRESSES, INVENTORY, NEIGHBOURS, BGP)

# However equal the data, rows are compared this often: somebody may have changed or deleted some, or linked interfaces.
_TRUST_SECONDS = 24 * 3600
# Two clocks and whole seconds: what is less apart is the same moment.
_CLOCK_SECONDS = 60

_READ = {'target_id': 'bigint', 'family': 'text', 'digest': 'text', 'clocks': 'text'}


@dataclass(slots=True)
class _Batch:
    """What becomes of a batch while its families are merged. `known`: FamilyState by (target, family).

    `read`: rows of `_READ`, the families that were read completely, or at least their rows for the first time.
    `outdated`: (target, family) whose digest is not that of the rows any more. `merged`: targets of which any family
    was not what was merged last.
    """

    newest: Mapping[int, Result]
    times: Mapping[int, datetime]
    known: Mapping[tuple[int, str], '_Known']
    changes: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)
    read: list[tuple[int, str, str, str]] = field(default_factory=list)
    outdated: list[tuple[int, str]] = field(default_factory=list)
    merged: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Known:
    digest: str
    clocks: str
    # Seconds since the epoch.
    merged_at: int


def merge_scans(results: Sequence[Result]) -> None:
    """Store the results of one batch. Runs inside the caller's transaction.

    Each result is kept as history; current state is taken only from results newer than what is there. A family counts
    as complete where `collectors` says so or, in a result without collectors, where the whole result is ok: only then
    what is unknown replaces what was known. Rows that did not come are deleted only then, or where `collectors` says
    that the family is `listed`. A family that is not in the data at all is left alone. What went up or down, and who
    began to refuse us, is announced when the transaction commits.
    """
    with connection.cursor() as cursor:
        results = _until_now(cursor, results)
        newest, before = _lock_news(cursor, results)
        times = {target: start_time(result) for target, result in newest.items()}
        batch = _Batch(newest, times, _read_known(cursor, newest))
        first = newest.keys() - {target for target, _family in batch.known}
        rows = [
            scan_row(result, merged=newest.get(result.target) is result, first=result.target in first)
            for result in results
        ]
        copy_rows(cursor, 'netops_scan', SCAN, rows)
        if newest:
            for family in FAMILIES:
                _merge_family(cursor, family, batch)
            _write_known(cursor, batch)
        insert_history(cursor, batch.changes)
        update_targets(cursor)
        compare(cursor, sorted(batch.merged))
    announce([*answer_transitions(before, newest, times), *batch.transitions])


def _until_now(cursor, results: Sequence[Result]) -> list[Result]:
    """No result is from the future: by a worker's wrong clock it would be the newest of its target for as long."""
    cursor.execute('SELECT extract(epoch FROM statement_timestamp())::double precision')
    now = cursor.fetchone()[0]
    return [replace(result, started_at=now) if result.started_at > now else result for result in results]


def _lock_news(cursor, results: Sequence[Result]) -> tuple[dict[int, Result], dict[int, Answer]]:
    """Lock the targets, in one order for all writers. Returns the newest result of each that it has not seen yet, and
    what its device answered before.
    """
    newest: dict[int, Result] = {}
    for result in results:
        if result.target not in newest or result.started_at > newest[result.target].started_at:
            newest[result.target] = result
    # A time in the future is none: it was stored by a version that believed it, or by a clock that was put back.
    cursor.execute(
        """
        SELECT id, CASE WHEN last_attempt_at <= statement_timestamp() THEN last_attempt_at END, reachability, last_error
        FROM netbox_netops_target WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
        """,
        [list(newest)],
    )
    news, before = {}, {}
    for target, last_attempt, reachability, error_code in cursor.fetchall():
        if last_attempt is None or last_attempt < start_time(newest[target]):
            news[target] = newest[target]
            before[target] = Answer(reachability, error_code)
    return news, before


def _read_known(cursor, newest: Mapping[int, Result]) -> dict[tuple[int, str], _Known]:
    cursor.execute(
        """
        SELECT target_id, family, digest, clocks, extract(epoch FROM merged_at)::bigint
        FROM netbox_netops_familystate WHERE target_id = ANY(%s)
        """,
        [list(newest)],
    )
    return {(target, family): _Known(*values) for target, family, *values in cursor.fetchall()}


def _merge_family(cursor, family: Family, batch: _Batch) -> None:
    """Merge what the results brought of the family, except where it is what was merged last."""
    parts, complete, listed, baseline = [], [], [], []
    for target, result in batch.newest.items():
        items = _items(result, family)
        if items is None:
            continue
        rows = family.read(items)
        known = batch.known.get((target, family.name))
        if _is_complete(result, family):
            digest, clocks = family.fingerprint(rows, result.started_at)
            if known and _is_same(known, digest, clocks, result.started_at):
                continue
            complete.append(target)
            batch.read.append((target, family.name, digest, clocks.tobytes().hex()))
        else:
            if is_listed := _is_listed(result, family):
                listed.append(target)
            if known:
                # What only this walk brought is not in the digest.
                batch.outdated.append((target, family.name))
            elif is_listed:
                # What is not among these rows is new next time.
                batch.read.append((target, family.name, '', ''))
        if not known:
            baseline.append(target)
        parts.append((target, rows))
    if not parts:
        return
    batch.merged.update(target for target, _rows in parts)
    changed = merge_rows(cursor, family, parts, complete, listed, baseline)
    if family is INTERFACES:
        link_interfaces(cursor, [target for target, _rows in parts])
    for change in changed:
        batch.changes.setdefault(change.target, []).extend(describe(family, change))
    batch.transitions.extend(transitions(family, changed, batch.times, batch.newest))


def _items(result: Result, family: Family) -> Sequence[Any] | None:
    """The rows of the family as they came; None when it was not brought."""
    items = result.data.get(family.source)
    if family.source == SYSTEM.name:
        return [items] if isinstance(items, dict) and items else None
    return items if isinstance(items, list) else None


def _is_complete(result: Result, family: Family) -> bool:
    collectors = result.data.get('collectors')
    if not isinstance(collectors, dict):
        return result.ok
    if family in (SYSTEM, PLATFORM):
        # The system was read by the request that tried the credential, and is noted only where something failed. The
        # platform is made out from it.
        needed = {SYSTEM.name, PLATFORM.name} & collectors.keys() | {family.name} - {SYSTEM.name}
        return all(_says(collectors, name, 'complete') for name in needed)
    return _says(collectors, family.name, 'complete')


def _is_listed(result: Result, family: Family) -> bool:
    """Of a family that is not complete: whether at least no row is missing."""
    collectors = result.data.get('collectors')
    # Of the system there is one.
    return family is SYSTEM or (isinstance(collectors, dict) and _says(collectors, family.name, 'listed'))


def _says(collectors: Mapping[str, Any], name: str, what: str) -> bool:
    entry = collectors.get(name)
    return isinstance(entry, dict) and entry.get(what) is True


def _is_same(known: _Known, digest: str, clocks: array, now: float) -> bool:
    if not digest or known.digest != digest or abs(now - known.merged_at) > _TRUST_SECONDS:
        return False
    if not clocks:
        return True
    before = array('q', bytes.fromhex(known.clocks))
    return len(before) == len(clocks) and all(
        abs(old - new) <= _CLOCK_SECONDS for old, new in zip(before, clocks, strict=True)
    )


def _write_known(cursor, batch: _Batch) -> None:
    if batch.read:
        copy_columns(cursor, 'netops_read', _READ, list(zip(*batch.read, strict=True)))
        cursor.execute(
            """
            INSERT INTO netbox_netops_familystate (target_id, family, digest, clocks, merged_at)
            SELECT r.target_id, r.family, r.digest, r.clocks, s.started
            FROM netops_read r JOIN netops_scan s ON s.target = r.target_id AND s.merged
            ON CONFLICT (target_id, family) DO UPDATE SET
                digest = EXCLUDED.digest, clocks = EXCLUDED.clocks, merged_at = EXCLUDED.merged_at
            """
        )
    if batch.outdated:
        cursor.execute(
            """
            UPDATE netbox_netops_familystate f SET digest = ''
            FROM unnest(%s::bigint[], %s::text[]) AS o(target_id, family)
            WHERE f.target_id = o.target_id AND f.family = o.family AND f.digest <> ''
            """,
            [list(column) for column in zip(*batch.outdated, strict=True)],
        )
