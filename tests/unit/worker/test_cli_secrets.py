"""What `netops-worker` is told about secret providers, and how a mistake in it is named."""

import signal

import pytest

from netops_worker import cli
from netops_worker.errors import NetOpsError
from netops_worker.secrets import Secret
from netops_worker.wire import CredentialRef

from .fake_vault import FakeVault

CONFIG = """
url = "{url}"
prefixes = ["netops"]
token_file = "{token}"
timeout = 5
"""


def credential(provider, reference):
    return CredentialRef(1, 'lab', 'snmp-v2c', provider, reference)


def resolver(*arguments):
    """The one that the program would use with these arguments."""
    parsed = cli._parser().parse_args(['run', '--url', 'http://h', '--gateway', 'gru', *map(str, arguments)])
    return cli._resolver(parsed)


@pytest.fixture
def vault_file(tmp_path):
    """`vault_file(url)`: a file for --vault-file."""

    def write(url='https://vault.example.net'):
        token, path = tmp_path / 'token', tmp_path / 'vault.toml'
        token.touch(mode=0o600)
        token.write_text('canary-token')
        path.write_text(CONFIG.format(url=url, token=token))
        return path

    return write


def test_vault(vault_file):
    """A worker at a POP asks a Vault of its own, and falls back as it is told."""
    pytest.importorskip('hvac')
    with FakeVault() as server:
        server.secrets['netops/core'] = {'password': 'of-the-pop'}
        asked = resolver('--vault-file', vault_file(server.url), '--secret-fallback', 'vault, environment')
        assert asked.resolve(credential('vault', 'netops/core#password')) == Secret('of-the-pop')
        # Nobody has netbox-secrets at a POP.
        with pytest.raises(NetOpsError) as caught:
            asked.resolve(credential('netbox-secrets', 'snmp'))
    assert caught.value.code == 'secret:not-installed'


def test_without_vault():
    """The other providers need no option."""
    with pytest.raises(NetOpsError) as caught:
        resolver().resolve(credential('vault', 'netops/core#password'))
    assert caught.value.code == 'secret:not-installed'


def test_how_long_secrets_are_kept(vault_file):
    """As long as is said, and half a minute when nothing is."""
    pytest.importorskip('hvac')
    for arguments, calls in (((), 1), (('--secret-cache', 0), 3)):
        with FakeVault() as server:
            server.secrets['netops/core'] = {'password': 'x'}
            asked = resolver('--vault-file', vault_file(server.url), *arguments)
            for _ in range(3):
                asked.resolve(credential('vault', 'netops/core#password'))
            assert len(server.calls) == calls


@pytest.mark.parametrize(
    ('content', 'problem'),
    [
        (None, 'cannot be read: No such file or directory'),
        ('url = canary', 'vault.toml is not TOML'),
        (b'\xff', 'vault.toml is not TOML'),
        ('token = "canary"', 'vault.toml: has the unknown key token'),
        ('url = "http://vault.example.net"', 'vault.toml: url must begin with https://'),
    ],
)
def test_mistakes_in_the_file(content, problem, tmp_path, monkeypatch, capsys):
    """Each has a sentence, the status is 2, and nothing that is written there is shown."""
    monkeypatch.setenv('NETOPS_WORKER_TOKEN', 'some-token')
    path = tmp_path / 'vault.toml'
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert _run('--vault-file', str(path)) == 2
    said = capsys.readouterr().err
    assert problem in said
    assert 'canary' not in said


@pytest.mark.parametrize('names', ['safe', 'vault', 'environment,netbox-secrets'])
def test_fallbacks_that_are_not_there(names, monkeypatch, capsys):
    """What is not configured here cannot be fallen back to."""
    monkeypatch.setenv('NETOPS_WORKER_TOKEN', 'some-token')
    assert _run('--secret-fallback', names) == 2
    assert '--secret-fallback: ' in capsys.readouterr().err


def _run(*arguments):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        return cli.main(['run', '--url', 'http://127.0.0.1:1', '--gateway', 'gru', '--once', *arguments])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
