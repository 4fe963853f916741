"""A tiny NetBox: the endpoints of one gateway, on loopback, with what a test wants to go wrong."""

import gzip
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from netops_worker.testing import make_task
from netops_worker.wire import Task

__all__ = (
    'TOKEN',
    'FakeNetBox',
    'Reply',
    'make_tasks',
)

TOKEN = 'nbt_abc.0123456789canary'

# Status, body (JSON unless it is text), further headers; or None to hang up without an answer.
type Reply = tuple[int, Any, dict[str, str]] | None


class FakeNetBox:
    """A context manager. `tasks` are given out once each; `results` has what was reported, by task.

    `script`: action -> replies to give before those that would be right, in order. `requests`: (action, body,
    headers) of all requests, in order. A report with a result that `refuse` says so of is refused with 400. `stop()`
    and `start()` keep the port.
    """

    def __init__(self, *tasks: Task, slug: str = 'gru') -> None:
        self.tasks = list(tasks)
        self.slug = slug
        self.results: dict[int, dict[str, Any]] = {}
        self.handed_back: list[int] = []
        self.cancelled: set[int] = set()
        self.again_after: float | None = None
        self.script: dict[str, list[Reply]] = {}
        self.requests: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.refuse: Callable[[dict[str, Any]], bool] = lambda result: False
        self.changed = threading.Condition()
        self._port = 0
        self._up = False
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.stop()

    @property
    def url(self) -> str:
        return f'http://127.0.0.1:{self._port}'

    def start(self) -> None:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                fake._answer(self)

            do_GET = do_POST

            def log_message(self, *_arguments):
                pass

        self._server = ThreadingHTTPServer(('127.0.0.1', self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        self._up = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._up = False
        self._server.shutdown()
        self._server.server_close()

    def asked(self, action: str) -> list[dict[str, Any]]:
        return [body for name, body, _headers in self.requests if name == action]

    def wait(self, ready: Callable[[], Any], timeout: float = 20) -> None:
        """Wait until `ready()` is true; it is asked after each request."""
        with self.changed:
            assert self.changed.wait_for(ready, timeout), f'not within {timeout} s: {self.requests}'

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        if not self._up:
            # A connection that was open already: its thread outlives the server.
            handler.close_connection = True
            return
        data = handler.rfile.read(int(handler.headers.get('Content-Length', 0)))
        if handler.headers.get('Content-Encoding') == 'gzip':
            data = gzip.decompress(data)
        action = handler.path.rstrip('/').rpartition('/')[2]
        body = json.loads(data) if data else {}
        with self.changed:
            replies = self.script.get(action) or []
            reply = replies.pop(0) if replies else self._right(action, body)
            self.requests.append((action, body, dict(handler.headers)))
            self.changed.notify_all()
        if reply is None:
            handler.close_connection = True
            return
        status, content, headers = reply
        text = (content if isinstance(content, str) else json.dumps(content)).encode()
        handler.send_response(status)
        for name, value in {'Content-Length': str(len(text)), 'Content-Type': 'application/json', **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(text)

    def _right(self, action: str, body: dict[str, Any]) -> Reply:
        match action:
            case 'claim':
                given, self.tasks = self.tasks[: body['limit']], self.tasks[body['limit'] :]
                return 200, {'tasks': [task.to_json() for task in given], 'again_after': self.again_after}, {}
            case 'results':
                if any(map(self.refuse, body['results'])):
                    return 400, {'detail': 'results[0]: odd', 'code': 'wire:invalid'}, {}
                fresh = [result for result in body['results'] if result['task'] not in self.results]
                self.results |= {result['task']: result for result in fresh}
                return 200, {'accepted': len(fresh)}, {}
            case 'control':
                cancelled = sorted(self.cancelled.intersection(body['tasks']))
                return 200, {'cancelled': cancelled, 'gateway': self.slug}, {}
            case 'hand-back':
                self.handed_back += [lease['task'] for lease in body['leases']]
                return 200, {'handed_back': len(body['leases'])}, {}
        raise AssertionError(action)


def make_tasks(number: int, **values) -> list[Task]:
    return [make_task(index, **values) for index in range(1, number + 1)]
