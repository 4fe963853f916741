"""Who asked for which secret: the audit of what workers resolved, of any kind of run. Never a value."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from netops_worker.wire import Result

from ..bulk import copy_rows
from ..choices import SecretProviderChoices
from .columns import clean_text

__all__ = ('note_resolutions',)

_MOST = 200

_RESOLUTION = {
    'target_id': 'bigint',
    'run_id': 'bigint',
    'credential_id': 'bigint',
    'worker': 'text',
    'provider': 'text',
    'code': 'text',
    'at': 'double precision',
    'milliseconds': 'integer',
}


def note_resolutions(results: Sequence[Result]) -> None:
    """Keep the `resolutions` of these results (see `netops_worker.secrets`). Runs in the transaction of the caller."""
    rows = [row for result in results for row in _rows(result)]
    if not rows:
        return
    with connection.cursor() as cursor:
        copy_rows(cursor, 'netops_resolution', _RESOLUTION, rows)
        # Neither from the future nor from long ago: by the clock of a worker that is wrong.
        cursor.execute(
            """
            INSERT INTO netbox_netops_secretaccess
                (time, credential_id, credential_name, target_id, target_name, run_id, "user", worker, provider, code,
                 milliseconds)
            SELECT GREATEST(LEAST(to_timestamp(n.at), statement_timestamp()), statement_timestamp() - interval '1 day'),
                   c.id, COALESCE(c.name, ''), t.id, COALESCE(t.name, ''), r.id, COALESCE(u.username, ''),
                   n.worker, n.provider, n.code, n.milliseconds
            FROM netops_resolution n
            LEFT JOIN netbox_netops_credential c ON c.id = n.credential_id
            LEFT JOIN netbox_netops_target t ON t.id = n.target_id
            LEFT JOIN netbox_netops_run r ON r.id = n.run_id
            LEFT JOIN users_user u ON u.id = r.requested_by_id
            ORDER BY n.at
            """
        )


def _rows(result: Result) -> list[tuple]:
    rows = []
    for item in result.resolutions[:_MOST]:
        if not isinstance(item, dict):
            continue
        credential, provider = item.get('credential'), item.get('provider')
        rows.append((
            result.target,
            result.run,
            credential if type(credential) is int and 0 < credential < 2**63 else None,
            clean_text(result.worker, 100),
            provider if isinstance(provider, str) and provider in SecretProviderChoices.values() else '',
            clean_text(item.get('code'), 50).encode('utf-8', 'replace').decode(),
            _moment(item.get('at'), result.started_at),
            _milliseconds(item.get('seconds')),
        ))  # fmt: skip
    return rows


def _moment(value: Any, default: float) -> float:
    moment = value if _is_number(value) else default
    # What PostgreSQL knows as a moment.
    return min(max(moment, 0.0), datetime(9999, 1, 1, tzinfo=UTC).timestamp())


def _milliseconds(seconds: Any) -> int | None:
    return min(max(round(seconds * 1000), 0), 2**31 - 1) if _is_number(seconds) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
