"""A server that speaks as much of Vault's protocol as the provider needs, and misbehaves on request."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ('FakeVault',)


class FakeVault:
    """`secrets`: path -> data, or None for a deleted version. `tokens`: the valid ones. `secret_id`: of role `r1`.

    `answer`: (status, body) for everything, when set; `closes`: connections are closed without an answer; `hold`: an
    event to wait for before each answer. `calls`: (method, path, headers) of each request, bodies in `bodies`.
    """

    def __init__(self):
        self.secrets = {'netops/core': {'password': 'canary-value', 'number': 5, 'empty': ''}}
        self.tokens = {'canary-token'}
        self.forbidden = set()
        self.secret_id = 'canary-secret-id'
        self.lease = 3600
        self.answer = None
        self.closes = False
        self.hold = None
        self.calls, self.bodies = [], []
        self.logins = 0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                self.do_POST()

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
                fake.calls.append((self.command, self.path, dict(self.headers)))
                fake.bodies.append(body)
                if fake.hold is not None:
                    fake.hold.wait(30)
                if fake.closes:
                    self.close_connection = True
                    return
                status, answer = fake.answer or fake.respond(self.path, self.headers, body)
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(data)))
                if status in (301, 307):
                    self.send_header('Location', 'http://127.0.0.1:1/v1/secret/data/netops/core')
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_args):
                pass

        self._server = _Server(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self._server.server_port}'

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exc):
        self._server.shutdown()
        self._server.server_close()

    def respond(self, path, headers, body):
        if path == '/v1/auth/approle/login':
            self.logins += 1
            if json.loads(body) != {'role_id': 'r1', 'secret_id': self.secret_id}:
                return 400, {'errors': ['invalid role or secret ID']}
            token = f'canary-login-{self.logins}'
            self.tokens.add(token)
            return 200, {'auth': {'client_token': token, 'lease_duration': self.lease}}
        if path.startswith('/v1/auth/') and path.endswith('/login'):
            return 404, {'errors': []}
        if headers.get('X-Vault-Token') not in self.tokens:
            return 403, {'errors': ['permission denied']}
        if path == '/v1/auth/token/lookup-self':
            return 200, {'data': {}}
        name = path.removeprefix('/v1/secret/data/')
        if name in self.forbidden:
            return 403, {'errors': ['1 error occurred:\n\t* permission denied\n\n']}
        if name not in self.secrets:
            return 404, {'errors': []}
        if self.secrets[name] is None:
            deleted = {'deletion_time': '2026-11-24T20:00:30Z', 'destroyed': False, 'version': 3}
            return 404, {'data': {'data': None, 'metadata': deleted}}
        return 200, {'data': {'data': self.secrets[name], 'metadata': {'version': 3}}}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that did not wait for its answer is what some tests are about."""
