"""SSH servers for tests: one of asyncssh with any answer, and sockets that speak no SSH. All on loopback."""

import asyncio
import contextlib
import socket
import threading

import asyncssh

__all__ = ('HOST_KEY', 'OTHER_HOST_KEY', 'Devices', 'FakeDevice', 'RawServer')

HOST_KEY = asyncssh.generate_private_key('ssh-ed25519')
OTHER_HOST_KEY = asyncssh.generate_private_key('ssh-ed25519')


class FakeDevice(asyncssh.SSHServer):
    """A device with the user `operator` and the password `right-password`. Subclasses answer otherwise.

    `seen` has all that clients sent to prove who they are: (method, what).
    """

    seen: list
    methods = ('password',)
    banner = ''
    conn = None

    def connection_made(self, conn):
        self.conn = conn

    def begin_auth(self, username):
        if self.banner:
            self.conn.send_auth_banner(self.banner)
        self.seen.append(('user', username))
        return True

    def password_auth_supported(self):
        return 'password' in self.methods

    def kbdint_auth_supported(self):
        return 'keyboard-interactive' in self.methods

    def public_key_auth_supported(self):
        return 'publickey' in self.methods

    def validate_password(self, username, password):
        self.seen.append(('password', password))
        return password == 'right-password'

    def validate_public_key(self, username, key):
        self.seen.append(('publickey', key.get_fingerprint()))
        return False

    def get_kbdint_challenge(self, username, lang, submethods):
        return '', '', 'en', [('Password: ', False)]

    def validate_kbdint_response(self, username, responses):
        self.seen.append(('keyboard-interactive', *responses))
        return list(responses) == ['right-password']


class Devices:
    """A context manager: an event loop in a thread, in which `start()` opens servers.

    `last`: the listener of the server that was started last, and `kind` its class.
    """

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name='ssh-servers', daemon=True)
        self.thread.start()
        self._acceptors = []
        return self

    def __exit__(self, *_exc):
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _close(self):
        for acceptor in self._acceptors:
            acceptor.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def start(self, device=FakeDevice, *, keys=(HOST_KEY,), **options):
        """Port and `seen` of a server of that class."""
        seen = []
        kind = type(device.__name__, (device,), {'seen': seen})

        async def listen():
            acceptor = await asyncssh.listen(
                '127.0.0.1', 0, server_factory=kind, server_host_keys=list(keys), **options
            )
            self._acceptors.append(acceptor)
            self.kind, self.last = kind, acceptor
            return acceptor.get_port()

        return asyncio.run_coroutine_threadsafe(listen(), self.loop).result(10), seen


class RawServer:
    """A context manager: a TCP server at `port` that does `act(connection)` for each client, in a thread.

    `stopping` is an event that tells an endless act to end. `received` has what clients sent, once act has read it.
    """

    def __init__(self, act):
        self.act, self.stopping, self.received = act, threading.Event(), b''
        self.clients = 0

    def __enter__(self):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if self.stopping.is_set():
                connection.close()
                return
            self.clients += 1
            with connection, contextlib.suppress(OSError):
                self.act(self, connection)

    def __exit__(self, *_exc):
        self.stopping.set()
        # Wakes accept().
        with contextlib.suppress(OSError):
            socket.create_connection(('127.0.0.1', self.port), 1).close()
        self.thread.join(10)
        self.listener.close()
        assert not self.thread.is_alive()
