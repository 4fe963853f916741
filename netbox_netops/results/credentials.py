"""Results of credential-check: verdicts and their history, host keys, and what protects accounts from being locked."""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from netops_worker.wire import Result

from ..bulk import copy_rows
from ..choices import VerdictChoices
from ..kinds import CREDENTIAL_CHECK, KINDS
from ..matching import credentials_for
from ..models import Target
from ..settings import get_settings
from ..transitions import Transition, announce, announce_stopped
from .columns import clean_text
from .history import start_time
from .host_keys import merge_host_keys

__all__ = ('merge_checks',)

# What a device says no to before it has seen the credential, which so is not what is wrong.
_NOT_ITS_FAULT = ('credential:host-key-changed', 'credential:host-key-unknown')
_MOST_CHECKS = 100
_MOST_SERVER = 8000

_CHECK = {
    'target_id': 'bigint',
    'credential_id': 'bigint',
    'verdict': 'text',
    'code': 'text',
    'detail': 'text',
    'stage': 'smallint',
    'latency_ms': 'integer',
    'server': 'jsonb',
    'checked': 'timestamptz',
    'run_id': 'bigint',
    # Whether it speaks against the credential.
    'counts': 'boolean',
    'changed': 'boolean',
    'old_verdict': 'text',
    'old_code': 'text',
}


@dataclass(frozen=True, slots=True)
class _Check:
    target: int
    credential: int
    verdict: str
    code: str
    detail: str
    stage: int
    latency_ms: int | None
    server: str
    checked: datetime
    run: int

    @property
    def counts(self) -> bool:
        return self.verdict == VerdictChoices.REJECTED and self.code not in _NOT_ITS_FAULT


@dataclass(frozen=True, slots=True)
class _Before:
    verdict: str = ''
    code: str = ''
    checked: datetime | None = None


def merge_checks(results: Sequence[Result]) -> None:
    """Store the results of one batch. Runs inside the caller's transaction.

    Older never overwrites newer. Credentials that do not apply to a target are passed over: a worker is believed only
    about what it was given. What is rejected anew, host keys that changed, and credentials that are stopped for too
    many rejections are announced when the transaction commits.
    """
    with connection.cursor() as cursor:
        # In one order for all writers.
        targets = sorted({result.target for result in results})
        cursor.execute(
            'SELECT id, statement_timestamp() FROM netbox_netops_target WHERE id = ANY(%s) '
            'ORDER BY id FOR NO KEY UPDATE',
            [targets],
        )
        locked = dict(cursor.fetchall())
        results = [result for result in results if result.target in locked]
        if not results:
            return
        now = next(iter(locked.values()))
        checks, names = _read(results, now)
        before = _read_before(cursor, checks)
        # Of what was checked at the same moment the first.
        news = [
            check for key, check in checks.items() if before[key].checked is None or before[key].checked < check.checked
        ]
        _write(cursor, news, before)
        transitions = _rejected(news, before, names)
        transitions += merge_host_keys(cursor, results, now)
        stopped = _stop(cursor, {check.credential for check in news if check.counts})
    announce(transitions)
    announce_stopped(stopped)


def _read(results: Sequence[Result], now: datetime) -> tuple[dict[tuple[int, int], _Check], dict[int, str]]:
    """The newest check by (target, credential), and the names of the credentials."""
    targets = Target.objects.filter(pk__in={result.target for result in results})
    applying = credentials_for(targets, KINDS[CREDENTIAL_CHECK].protocols, stopped=True)
    names = {item.pk: item.name for found in applying.values() for item in found}
    checks: dict[tuple[int, int], _Check] = {}
    for result in results:
        # No result is from the future: it would be the newest for as long.
        checked = min(start_time(result), now)
        known = {item.pk for item in applying.get(result.target, ())}
        for check in _of_result(result, checked, known):
            key = check.target, check.credential
            if key not in checks or checks[key].checked < check.checked:
                checks[key] = check
    return checks, names


def _of_result(result: Result, checked: datetime, known: Collection[int]) -> list[_Check]:
    data = result.data.get('credential_check')
    items = data.get('checks') if isinstance(data, dict) else None
    if not isinstance(items, list):
        return []
    server = _server(data.get('server'))
    found: dict[int, _Check] = {}
    for item in items[:_MOST_CHECKS]:
        if not isinstance(item, dict):
            continue
        credential, verdict = item.get('credential'), item.get('verdict')
        if type(credential) is not int or credential not in known or credential in found:
            continue
        if not isinstance(verdict, str) or verdict not in VerdictChoices.values():
            continue
        found[credential] = _Check(
            target=result.target,
            credential=credential,
            verdict=verdict,
            code=clean_text(item.get('code'), 50),
            detail=clean_text(item.get('detail'), 500),
            stage=2 if item.get('stage') == 2 else 1,
            latency_ms=_milliseconds(item.get('latency_ms')),
            server=server,
            checked=checked,
            run=result.run,
        )
    return list(found.values())


def _milliseconds(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return min(max(round(value), 0), 2**31 - 1)


def _server(value: Any) -> str:
    """What a server said of itself, as JSON: texts, and lists of texts, of bounded length."""
    if not isinstance(value, dict):
        return '{}'
    kept: dict[str, Any] = {}
    for name in ('version', 'banner', 'kex', 'cipher', 'mac', 'host_key_algorithm'):
        if text := _plain(value.get(name), 1000):
            kept[name] = text
    if isinstance(methods := value.get('auth_methods'), list):
        kept['auth_methods'] = [text for item in methods[:20] if (text := _plain(item, 100))]
    text = json.dumps(kept)
    return text if len(text) <= _MOST_SERVER else '{}'


def _plain(value: Any, length: int) -> str:
    # Halves of characters that JSON can carry, and UTF-8 cannot.
    return clean_text(value, length).encode('utf-8', 'replace').decode()


def _read_before(cursor, checks: Mapping[tuple[int, int], _Check]) -> dict[tuple[int, int], _Before]:
    before = dict.fromkeys(checks, _Before())
    cursor.execute(
        """
        SELECT s.target_id, s.credential_id, s.verdict, s.code, s.checked
        FROM unnest(%s::bigint[], %s::bigint[]) AS c(target, credential)
        JOIN netbox_netops_credentialstatus s ON s.target_id = c.target AND s.credential_id = c.credential
        """,
        [[target for target, _credential in checks], [credential for _target, credential in checks]],
    )
    for target, credential, *values in cursor.fetchall():
        before[target, credential] = _Before(*values)
    return before


def _write(cursor, news: Sequence[_Check], before: Mapping[tuple[int, int], _Before]) -> None:
    rows = []
    for check in news:
        old = before[check.target, check.credential]
        changed = (old.verdict, old.code) != (check.verdict, check.code)
        values = (
            *(check.target, check.credential, check.verdict, check.code, _plain(check.detail, 500), check.stage),
            *(check.latency_ms, check.server, check.checked, check.run, check.counts, changed, old.verdict, old.code),
        )
        rows.append(values)
    copy_rows(cursor, 'netops_check', _CHECK, rows)
    settings = get_settings()
    # The joins leave out what was deleted meanwhile.
    cursor.execute(
        """
        INSERT INTO netbox_netops_credentialstatus AS s
            (target_id, credential_id, verdict, code, detail, stage, latency_ms, server, checked, since, rejections,
             paused_until, run_id)
        SELECT c.target_id, k.id, c.verdict, c.code, c.detail, c.stage, c.latency_ms, c.server, c.checked, c.checked,
               c.counts::integer,
               CASE WHEN c.counts AND 1 >= %(limit)s THEN statement_timestamp() + make_interval(secs => %(pause)s) END,
               r.id
        FROM netops_check c JOIN netbox_netops_credential k ON k.id = c.credential_id
        LEFT JOIN netbox_netops_run r ON r.id = c.run_id
        ORDER BY c.target_id, k.id
        ON CONFLICT (target_id, credential_id) DO UPDATE SET
            verdict = EXCLUDED.verdict, code = EXCLUDED.code, detail = EXCLUDED.detail, stage = EXCLUDED.stage,
            latency_ms = EXCLUDED.latency_ms, server = EXCLUDED.server, checked = EXCLUDED.checked,
            run_id = EXCLUDED.run_id,
            since = CASE WHEN (s.verdict, s.code) = (EXCLUDED.verdict, EXCLUDED.code) THEN s.since
                         ELSE EXCLUDED.checked END,
            rejections = CASE WHEN EXCLUDED.verdict = 'accepted' THEN 0
                              ELSE LEAST(s.rejections + EXCLUDED.rejections, 30000) END,
            paused_until = CASE
                WHEN EXCLUDED.verdict = 'accepted' THEN NULL
                WHEN EXCLUDED.rejections > 0 AND s.rejections + 1 >= %(limit)s
                    THEN statement_timestamp() + make_interval(secs => %(pause)s)
                ELSE s.paused_until
            END
        """,
        {'limit': settings.device_reject_limit, 'pause': settings.device_reject_pause},
    )
    cursor.execute(
        """
        INSERT INTO netbox_netops_credentialchange
            (target_id, credential_id, time, old_verdict, old_code, verdict, code, run_id)
        SELECT c.target_id, k.id, c.checked, c.old_verdict, c.old_code, c.verdict, c.code, r.id
        FROM netops_check c JOIN netbox_netops_credential k ON k.id = c.credential_id
        LEFT JOIN netbox_netops_run r ON r.id = c.run_id
        WHERE c.changed ORDER BY c.checked, c.target_id, k.id
        """
    )


def _rejected(
    news: Sequence[_Check], before: Mapping[tuple[int, int], _Before], names: Mapping[int, str]
) -> list[Transition]:
    """Of what is rejected and was not for the same reason. A host key that changed is told of as such."""
    return [
        Transition(
            'credential', check.target, str(check.credential), names[check.credential], old.code, check.code,
            check.checked, run=check.run, details={'code': check.code, 'detail': check.detail},
        )
        for check in news
        for old in (before[check.target, check.credential],)
        if check.counts and (old.verdict, old.code) != (check.verdict, check.code)
    ]  # fmt: skip


def _stop(cursor, credentials: Collection[int]) -> list[int]:
    """Stop those of these credentials that too many devices have rejected lately. Returns which."""
    if not credentials:
        return []
    settings = get_settings()
    # Locked by a statement of its own: the count has to see what those who held them before us have committed.
    cursor.execute(
        'SELECT id FROM netbox_netops_credential WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE',
        [sorted(credentials)],
    )
    cursor.execute(
        """
        UPDATE netbox_netops_credential c SET stopped = statement_timestamp(), stopped_code = 'credential:rejected'
        WHERE c.id = ANY(%(credentials)s) AND c.stopped IS NULL AND %(devices)s <= (
            SELECT count(*) FROM netbox_netops_credentialstatus s
            WHERE s.credential_id = c.id AND s.verdict = 'rejected' AND s.rejections > 0
              AND s.checked > statement_timestamp() - make_interval(secs => %(window)s))
        RETURNING c.id
        """,
        {
            'credentials': sorted(credentials),
            'devices': settings.credential_reject_devices,
            'window': settings.credential_reject_window,
        },
    )
    return sorted(row[0] for row in cursor.fetchall())
