"""What a worker says to NetBox: the REST endpoints below its gateway."""

import gzip
import json
import random
import time
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from netops_worker import __version__
from netops_worker.errors import NetOpsError
from netops_worker.log import get_logger
from netops_worker.secrets import Secret, redact
from netops_worker.stopping import Stop
from netops_worker.wire import Task

__all__ = ('NetBoxClient',)

logger = get_logger('netops_worker.netbox')

_CONNECT_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
_MOST_DETAIL = 300
# Bytes of a packet; and the level that costs least.
_WORTH_COMPRESSING, _GZIP_LEVEL = 1400, 1
# Answers that a moment later may be others: too many requests, and what a proxy says while NetBox restarts.
_TRANSIENT = (408, 429, 500, 502, 503, 504)
_CODES = {401: 'gateway:unauthorised', 403: 'gateway:unauthorised', 404: 'gateway:unknown', 413: 'wire:too-large'}


class NetBoxClient:
    """For one thread. `gateway`: slug or id. `ca_file`: certificates to trust instead of the usual ones.

    `timeout`: seconds to wait for an answer. Every method raises NetOpsError with one of the codes `gateway:…` or
    `wire:…`. What may be said twice is said again, with growing pauses, as long as NetBox is unreachable and the
    moment `until` (monotonic clock) is not over; `stop` bounds that, too.
    """

    def __init__(
        self,
        url: str,
        token: Secret,
        gateway: str,
        *,
        worker: str,
        stop: Stop,
        ca_file: str | None = None,
        timeout: float = 20.0,
    ) -> None:
        self._base = f'{_checked_url(url)}/api/plugins/netops/gateways/{quote(gateway, safe="")}'
        self._worker = worker
        self._stop = stop
        self._timeout = timeout
        self._verify: str | bool = ca_file or True
        self._session = requests.Session()
        # An object and not a header: so nothing that shows the session shows the token, and no .netrc replaces it.
        self._session.auth = _TokenAuth(token)
        self._session.headers.update({'Accept': 'application/json', 'User-Agent': f'netops-worker/{__version__}'})

    def claim(self, limit: int, kinds: Collection[str]) -> tuple[list[Task], float | None]:
        """Lease up to `limit` tasks of these kinds. With them: after how many seconds it is worth asking again.

        Never said twice: the answer to the first may have been lost, and its leases with it until they end.
        """
        answer = self._post('claim', {'worker': self._worker, 'limit': limit, 'kinds': sorted(kinds)})
        tasks, again_after = answer.get('tasks'), answer.get('again_after')
        if not isinstance(tasks, list) or not isinstance(again_after, int | float | None):
            raise NetOpsError('wire:invalid', 'the answer to a claim')
        return [Task.from_json(task) for task in tasks], again_after

    def results(self, results: Sequence[dict[str, Any]], until: float = 0.0) -> int:
        """Report Results in their wire form. Returns how many were accepted."""
        return _number(self._post('results', {'worker': self._worker, 'results': list(results)}, until), 'accepted')

    def control(self, tasks: Collection[int], until: float = 0.0) -> tuple[set[int], str]:
        """Say that this worker lives. Returns which of these tasks it shall give up, and the slug of its gateway."""
        answer = self._post('control', {'worker': self._worker, 'tasks': list(tasks)}, until)
        cancelled, slug = answer.get('cancelled'), answer.get('gateway')
        if not isinstance(cancelled, list) or not isinstance(slug, str):
            raise NetOpsError('wire:invalid', 'the answer to control')
        return set(tasks).intersection(cancelled), slug

    def hand_back(self, leases: Sequence[tuple[int, str]], until: float = 0.0) -> int:
        """Give back tasks by (id, lease token). Returns how many were still leased."""
        body = {
            'worker': self._worker,
            'leases': [{'task': task, 'lease_token': lease_token} for task, lease_token in leases],
        }
        return _number(self._post('hand-back', body, until), 'handed_back')

    def close(self) -> None:
        self._session.close()

    def _post(self, action: str, body: dict[str, Any], until: float = 0.0) -> dict[str, Any]:
        data = json.dumps(body, separators=(',', ':'), allow_nan=False).encode()
        headers = {'Content-Type': 'application/json'}
        if len(data) > _WORTH_COMPRESSING:
            # What a device tells repeats itself: a tenth is left.
            data, headers['Content-Encoding'] = gzip.compress(data, _GZIP_LEVEL), 'gzip'
        pause = _FIRST_PAUSE
        while True:
            try:
                return self._post_once(f'{self._base}/{action}/', data, headers)
            except NetOpsError as error:
                left = min(until, self._stop.deadline) - time.monotonic()
                if error.code != 'gateway:unreachable' or left <= 0:
                    raise
                wait = min(pause * random.uniform(0.5, 1.0), left)  # noqa: S311
                logger.warning('%s; trying again in %.1f s', error, wait)
                self._stop.wait(wait)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _post_once(self, url: str, data: bytes, headers: dict[str, str]) -> dict[str, Any]:
        try:
            response = self._session.post(
                url,
                data=data,
                headers=headers,
                timeout=(_CONNECT_SECONDS, self._timeout),
                # Here: that of the session would give way to variables of the environment.
                verify=self._verify,
                # A redirected POST would become a GET, and the token would go where nobody configured it to.
                allow_redirects=False,
            )
        except OSError as error:
            # Every exception of requests is one, and so is what it does not translate.
            raise NetOpsError('gateway:unreachable', _reason(error)) from None
        if response.status_code in _TRANSIENT:
            raise NetOpsError('gateway:unreachable', f'NetBox answers {response.status_code}')
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if response.status_code == 200 and isinstance(answer, dict):
            return answer
        raise NetOpsError(_code(response, answer), _detail(response, answer))


class _TokenAuth(requests.auth.AuthBase):
    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        text = self._token.reveal()
        # NetBox tells its two versions of tokens apart by this prefix.
        keyword = 'Bearer' if text.startswith('nbt_') else 'Token'
        request.headers['Authorization'] = f'{keyword} {text}'
        return request


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_complete = parts.scheme in ('http', 'https') and parts.hostname and parts.port != 0
    except ValueError:
        is_complete = False
    if not is_complete:
        raise NetOpsError('gateway:refused', 'the URL of NetBox must begin with https:// or http:// and name a host')
    if parts.username is not None or parts.query or parts.fragment:
        raise NetOpsError('gateway:refused', 'the URL of NetBox takes no user, query or fragment')
    return url.rstrip('/')


def _reason(error: BaseException) -> str:
    """What the innermost exception says: the others repeat it in the words of each layer."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return redact(f'{type(error).__name__}: {error}'.replace('\n', ' '))[:_MOST_DETAIL]


def _code(response: requests.Response, answer: Any) -> str:
    said = answer.get('code') if isinstance(answer, dict) else None
    if said in ('wire:invalid', 'wire:version', 'wire:too-large'):
        return said
    return _CODES.get(response.status_code, 'gateway:refused')


def _detail(response: requests.Response, answer: Any) -> str:
    if response.is_redirect:
        return f'NetBox redirects to {response.headers["Location"][:_MOST_DETAIL]}; use that URL'
    if isinstance(answer, dict):
        said = answer.get('detail') or {name: value for name, value in answer.items() if name != 'code'}
        return redact(f'{response.status_code}: {said}')[:_MOST_DETAIL]
    return f'{response.status_code}, and no JSON: something else than NetBox may have answered'


def _number(answer: dict[str, Any], name: str) -> int:
    number = answer.get(name)
    if not isinstance(number, int):
        raise NetOpsError('wire:invalid', f'the answer has no number {name}')
    return number
