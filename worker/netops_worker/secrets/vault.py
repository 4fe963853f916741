"""The provider that reads secrets from HashiCorp Vault or OpenBao: KV version 2, by token or AppRole, through hvac."""

import math
import threading
import time
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.secrets.keyfiles import read_key_file
from netops_worker.secrets.providers import Found, SecretProvider, SecretSubject
from netops_worker.secrets.redaction import remember
from netops_worker.secrets.references import split_vault
from netops_worker.secrets.value import Secret
from netops_worker.secrets.vault_config import VaultConfig

__all__ = ('VaultProvider',)

# A login is renewed before it ends: when so many seconds, or a tenth of its time, are left.
_MARGIN_SECONDS = 10.0


class _Login:
    """The client that is logged in. Forgotten by replacing it, as a lock may be held in the parent of a fork."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.client: Any = None
        self.until = 0.0
        # When the last login failed, and how.
        self.failed_at = -math.inf
        self.failure = ('', '')


class VaultProvider(SecretProvider):
    """A reference is `path/to/secret#field`, below the configured mount and one of its prefixes."""

    blocking = True

    def __init__(self, config: VaultConfig) -> None:
        self._config = config
        self._login = _Login()

    def resolve(self, reference: str, subject: SecretSubject | None = None) -> Found:
        path, field = split_vault(reference)
        if not self._config.allows(path):
            raise NetOpsError('secret:refused', f'{path!r} is below none of the configured prefixes')
        hvac = _hvac()
        client = self._client(hvac)
        try:
            try:
                answer = self._read(client, path)
            except hvac.exceptions.Forbidden:
                # The token may have been revoked, or replaced in its file.
                client = self._client(hvac, instead_of=client)
                answer = self._read(client, path)
        except NetOpsError:
            raise
        except hvac.exceptions.Forbidden:
            raise self._forbidden(hvac, client, path) from None
        except Exception as error:
            raise _failure(hvac, error, path) from None
        return _field(answer, path, field)

    def check(self, reference: str) -> None:
        split_vault(reference)

    def clear(self) -> None:
        self._login = _Login()

    def _read(self, client: Any, path: str) -> Any:
        # Not the version before it either: who deleted the latest does not want it used.
        return client.secrets.kv.v2.read_secret_version(
            path, mount_point=self._config.mount, raise_on_deleted_version=True
        )

    def _forbidden(self, hvac: Any, client: Any, path: str) -> NetOpsError:
        if self._config.token_file:
            # A server says the same of a token it does not know and of one whose policies do not suffice.
            try:
                client.auth.token.lookup_self()
            except hvac.exceptions.Forbidden:
                return NetOpsError('secret:wrong-key', 'the token is not valid, or may not even look at itself')
            except Exception as error:
                return _failure(hvac, error, path)
        return NetOpsError('secret:forbidden', f'no policy of its login allows to read {path!r}')

    def _client(self, hvac: Any, instead_of: Any = None) -> Any:
        """A client that is logged in, and not the given one, with which somebody was refused."""
        login, asked_at = self._login, time.monotonic()
        with login.lock:
            if login.failed_at >= asked_at:
                # While this thread waited for another: in turns, many threads would wait many times for a server.
                raise NetOpsError(*login.failure)
            if login.client is None or login.client is instead_of or time.monotonic() >= login.until:
                try:
                    login.client, login.until = self._log_in(hvac)
                except NetOpsError as error:
                    login.failed_at, login.failure = time.monotonic(), (error.code, error.detail)
                    raise
            return login.client

    def _log_in(self, hvac: Any) -> tuple[Any, float]:
        """A new client, and until when it may be used on the monotonic clock."""
        import requests

        config = self._config
        session = requests.Session()
        # Nothing but our configuration says where tokens go: no proxy, certificates or .netrc of the environment.
        session.trust_env = False
        client = hvac.Client(
            config.url,
            # Not None, for which hvac would look into the environment and the home directory.
            token='',
            verify=config.ca_file or True,
            timeout=config.timeout,
            namespace=config.namespace or None,
            # A standby that knows its leader forwards; where it says we should go instead, the token does not go.
            allow_redirects=False,
            session=session,
        )
        if config.token_file:
            client.token = read_key_file(config.token_file, 'token').reveal()
            return client, math.inf
        secret_id = read_key_file(config.secret_id_file, 'secret ID')
        try:
            answer = client.auth.approle.login(config.role_id, secret_id.reveal(), mount_point=config.auth_mount)
        except Exception as error:
            raise _login_failure(hvac, error) from None
        auth = answer.get('auth') if isinstance(answer, dict) else None
        token, seconds = (auth.get('client_token'), auth.get('lease_duration')) if isinstance(auth, dict) else ('', 0)
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise _no_vault()
        remember(token)
        client.token = token
        # 0: it does not end.
        return client, time.monotonic() + seconds - max(_MARGIN_SECONDS, seconds / 10) if seconds else math.inf


def _hvac() -> Any:
    try:
        import hvac
    except ModuleNotFoundError:
        raise NetOpsError('secret:not-installed', 'hvac is missing: pip install "netbox-netops[vault]"') from None
    return hvac


def _field(answer: Any, path: str, field: str) -> Found:
    try:
        fields, version = answer['data']['data'], answer['data']['metadata']['version']
    except (KeyError, TypeError):
        raise _no_vault() from None
    value = fields.get(field) if isinstance(fields, dict) else None
    if value is None or value == '':
        raise NetOpsError('secret:not-found', f'{path!r} has no field {field!r}')
    if not isinstance(value, str):
        raise NetOpsError('secret:unreadable', f'the field {field!r} of {path!r} is not text')
    return Found(Secret(value), f'version {version}' if isinstance(version, int) else '')


def _login_failure(hvac: Any, error: Exception) -> NetOpsError:
    known = hvac.exceptions
    if isinstance(error, known.InvalidRequest | known.Unauthorized | known.Forbidden):
        return NetOpsError('secret:wrong-key', 'the login by AppRole was refused: role ID or secret ID are not valid')
    if isinstance(error, known.InvalidPath):
        return NetOpsError('secret:wrong-key', 'there is no login by AppRole at the configured auth_mount')
    return _failure(hvac, error, '')


def _failure(hvac: Any, error: Exception, path: str) -> NetOpsError:
    """What an exception means. Nothing of its text is told: it may quote what was sent or answered."""
    known = hvac.exceptions
    said = ' '.join(str(item) for item in getattr(error, 'errors', None) or ()).lower()
    if isinstance(error, known.InvalidPath):
        return NetOpsError('secret:not-found', f'there is no {path!r}, or its latest version is deleted')
    if isinstance(error, known.VaultNotInitialized) or (isinstance(error, known.VaultDown) and 'sealed' in said):
        return NetOpsError('secret:locked', 'the server is sealed')
    if isinstance(error, known.VaultError):
        return NetOpsError('secret:unavailable', f'the server answered with an error ({type(error).__name__})')
    # Of requests, and whatever a broken answer makes of it.
    return NetOpsError('secret:unavailable', f'the server did not answer ({type(error).__name__})')


def _no_vault() -> NetOpsError:
    return NetOpsError('secret:unavailable', 'what answers there is no Vault with KV version 2')
