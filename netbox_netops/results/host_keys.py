"""The host keys that devices showed, and which of them are trusted without anybody's approval."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from netops_worker.wire import Result

from ..bulk import copy_rows
from ..choices import HostKeyStateChoices
from ..models import Run
from ..settings import get_settings
from ..transitions import Transition
from .history import start_time

__all__ = ('merge_host_keys',)

_TYPE = re.compile(r'[a-z0-9][a-z0-9@._-]{0,49}', re.ASCII)
_FINGERPRINT = re.compile(r'SHA256:[A-Za-z0-9+/]{43}', re.ASCII)
_PUBLIC_KEY = re.compile(r'[A-Za-z0-9@._+/= -]{1,20000}', re.ASCII)
# New keys of one target: somebody who shows another one each time does not fill the table.
_MOST_KEYS = 50

_SHOWN = {
    'target_id': 'bigint',
    'type': 'text',
    'fingerprint': 'text',
    'public_key': 'text',
    'seen': 'timestamptz',
    # Whether it would be trusted as the first key of its target.
    'first_use': 'boolean',
}


@dataclass(frozen=True, slots=True)
class _Shown:
    target: int
    type: str
    fingerprint: str
    public_key: str
    seen: datetime
    first_use: bool
    run: int


def merge_host_keys(cursor, results: Sequence[Result], now: datetime) -> list[Transition]:
    """Store which keys were shown. Returns those that are news of a target that had another one.

    Expects the targets locked. A key is trusted by itself only as the first of its target, where the settings and the
    options of the run allow it: what a worker says about its trust counts for nothing.
    """
    shown = _read(results, now)
    if not shown:
        return []
    rows = [(key.target, key.type, key.fingerprint, key.public_key, key.seen, key.first_use) for key in shown.values()]
    copy_rows(cursor, 'netops_shown', _SHOWN, rows)
    cursor.execute(
        """
        UPDATE netbox_netops_hostkey k SET
            last_seen = GREATEST(k.last_seen, n.seen), address = t.address,
            public_key = CASE k.public_key WHEN '' THEN n.public_key ELSE k.public_key END
        FROM netops_shown n JOIN netbox_netops_target t ON t.id = n.target_id
        WHERE k.target_id = n.target_id AND k.fingerprint = n.fingerprint
        """
    )
    # The latest of those that are trusted, or else of all, is what it was before.
    cursor.execute(
        """
        INSERT INTO netbox_netops_hostkey
            (target_id, type, fingerprint, public_key, state, address, first_seen, last_seen)
        SELECT n.target_id, n.type, n.fingerprint, n.public_key,
               CASE WHEN n.first_use AND before.number = 0 THEN %(trusted)s ELSE %(pending)s END,
               t.address, n.seen, n.seen
        FROM netops_shown n JOIN netbox_netops_target t ON t.id = n.target_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS number FROM netbox_netops_hostkey k WHERE k.target_id = n.target_id
        ) before
        WHERE before.number < %(most)s AND NOT EXISTS (
            SELECT 1 FROM netbox_netops_hostkey k WHERE k.target_id = n.target_id AND k.fingerprint = n.fingerprint)
        ORDER BY n.target_id
        RETURNING target_id, fingerprint, (
            SELECT k.fingerprint FROM netbox_netops_hostkey k
            WHERE k.target_id = netbox_netops_hostkey.target_id AND k.fingerprint <> netbox_netops_hostkey.fingerprint
            ORDER BY k.state = %(trusted)s DESC, k.last_seen DESC, k.id DESC LIMIT 1)
        """,
        {'trusted': HostKeyStateChoices.TRUSTED, 'pending': HostKeyStateChoices.PENDING, 'most': _MOST_KEYS},
    )
    return [
        Transition('host-key', target, fingerprint, key.type, before, fingerprint, key.seen, run=key.run)
        for target, fingerprint, before in cursor.fetchall()
        for key in (shown[target],)
        if before
    ]


def _read(results: Sequence[Result], now: datetime) -> dict[int, _Shown]:
    """By target, of the newest result."""
    strict = _strict_runs(results)
    shown: dict[int, _Shown] = {}
    for result in results:
        data = result.data.get('credential_check')
        key = data.get('host_key') if isinstance(data, dict) else None
        if not isinstance(key, dict):
            continue
        key_type, fingerprint, public_key = (key.get(name) for name in ('type', 'fingerprint', 'public_key'))
        fingerprint = fingerprint.rstrip('=') if isinstance(fingerprint, str) else ''
        if not isinstance(key_type, str) or not _TYPE.fullmatch(key_type) or not _FINGERPRINT.fullmatch(fingerprint):
            continue
        if not isinstance(public_key, str) or not _PUBLIC_KEY.fullmatch(public_key):
            public_key = ''
        seen = min(start_time(result), now)
        if result.target not in shown or shown[result.target].seen < seen:
            first_use = data.get('host_key_state') == 'first-use' and result.run not in strict
            shown[result.target] = _Shown(result.target, key_type, fingerprint, public_key, seen, first_use, result.run)
    return shown


def _strict_runs(results: Sequence[Result]) -> set[int]:
    runs = {result.run for result in results}
    if get_settings().host_key_policy == 'strict':
        return runs
    strict = Run.objects.filter(pk__in=runs, options__host_key_policy='strict').order_by()
    return set(strict.values_list('pk', flat=True))
