"""A small client of NetBox's REST API for demo and tests, with nothing but the standard library."""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from lab.process import LabError, wait_until

__all__ = (
    'Answer',
    'Api',
)

RUNS = 'plugins/netops/runs/'


@dataclass(frozen=True)
class Answer:
    """`status`: HTTP status. `headers`: by name. `json`: the decoded body, or its text when it is not JSON."""

    status: int
    headers: dict[str, str]
    json: object


class Api:
    """`url`: base URL of NetBox. `authorization`: value of that header, with its prefix; None is anonymous."""

    def __init__(self, url: str, authorization: str | None = None):
        self.url = url.rstrip('/')
        self.authorization = authorization

    def request(self, method: str, path: str, body: object = None, **parameters) -> Answer:
        """One request, whatever its status. `path`: below /api/, as 'dcim/devices/', or a whole URL."""
        url = path if '://' in path else f'{self.url}/api/{path.lstrip("/")}'
        if parameters:
            url += ('&' if '?' in url else '?') + urllib.parse.urlencode(parameters, doseq=True)
        headers = {'Accept': 'application/json', 'Content-Type': 'application/json'}
        if self.authorization:
            headers['Authorization'] = self.authorization
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
                return _answer(response)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error)

    def get(self, path: str, **parameters):
        """The decoded body of a GET. Raises LabError for any status but 200."""
        return self._expect('GET', path, None, parameters, 200)

    def post(self, path: str, body: object, status: int = 201):
        """The decoded body of a POST. Raises LabError for any status but `status`."""
        return self._expect('POST', path, body, {}, status)

    def list(self, path: str, **parameters) -> list[dict]:
        """All objects of a list, over all its pages."""
        page = self.get(path, limit=1000, **parameters)
        found = page['results']
        while page['next']:
            page = self.get(page['next'])
            found += page['results']
        return found

    def start_run(self, kind: str, **selection) -> dict:
        """Start a run ('device-scan', devices=[1, 2]) and return it, without waiting for it."""
        return self.post(RUNS, {'kind': kind, **selection}, status=202)

    def wait_run(self, run: int | dict, *, timeout: float = 60, interval: float = 0.2) -> dict:
        """The run when it is in a final state. Raises LabError after `timeout` seconds."""
        number = run['id'] if isinstance(run, dict) else run

        def final():
            current = self.get(f'{RUNS}{number}/')
            return None if current['is_active'] else current

        return wait_until(final, what=f'run {number}', timeout=timeout, interval=interval)

    def _expect(self, method, path, body, parameters, status):
        answer = self.request(method, path, body, **parameters)
        if answer.status != status:
            raise LabError(f'{method} {path} answered {answer.status} instead of {status}: {answer.json}')
        return answer.json


def _answer(response) -> Answer:
    text = response.read().decode(errors='replace')
    try:
        decoded = json.loads(text)
    except ValueError:
        decoded = text
    return Answer(response.status, dict(response.headers), decoded)
