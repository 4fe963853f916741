"""The program `netops-worker`."""

import argparse
import logging
import os
import re
import signal
import socket
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from netops_worker import __version__
from netops_worker.errors import NetOpsError
from netops_worker.log import JsonFormatter, log_context
from netops_worker.probes import default_probes
from netops_worker.secrets import (
    EnvironmentProvider,
    FileProvider,
    Secret,
    SecretProvider,
    SecretResolver,
    VaultProvider,
    parse_vault,
)

__all__ = ('main',)

_DESCRIPTION = 'Operates the devices of a gateway from where they can be reached.'
_EPILOG = """\
The token is read from the file, or from the environment variable NETOPS_WORKER_TOKEN. The URL of the doorbell's Redis
may have a password: give it as NETOPS_WORKER_REDIS_URL rather than as an option, which every user of the machine sees.
Secrets of the provider "Environment variable" are variables of this process, those of the provider "File" lie below
--secrets-directory. For those of HashiCorp Vault or OpenBao, --vault-file names a TOML file with the keys of NetBox's
setting "vault": url, prefixes, and token_file or role_id and secret_id_file; mount, auth_mount, namespace, ca_file and
timeout if need be.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """0: ended as asked. 1: NetBox refuses this worker, or --once could not reach it. 2: an argument is wrong."""
    options = _parser().parse_args(arguments)
    try:
        # Here, because the program is installed with the plugin, too, and these need what only a worker has.
        from netops_worker.agent import Agent, AgentOptions
        from netops_worker.clients.netbox import NetBoxClient
    except ModuleNotFoundError as error:
        print(f'{error.name.partition(".")[0]} is not installed: pip install "netbox-netops[worker]"', file=sys.stderr)
        return 2
    from netops_worker.stopping import Stop

    try:
        token = _token(options.token_file)
    except OSError as error:
        return _wrong(f'the token cannot be read from {options.token_file}: {error.strerror}')
    except ValueError as error:
        return _wrong(str(error))
    if options.ca_file and not Path(options.ca_file).exists():
        return _wrong(f'{options.ca_file} does not exist')
    try:
        resolver = _resolver(options)
    except ValueError as error:
        return _wrong(str(error))
    redis_url = options.redis_url or os.environ.get('NETOPS_WORKER_REDIS_URL')
    if redis_url and not re.match('(rediss?|unix)://', redis_url):
        return _wrong('the URL of Redis must begin with redis://, rediss:// or unix://')

    _log_to_stderr(options.log_level)
    stop = Stop(options.grace)
    try:
        client = NetBoxClient(
            options.url,
            token,
            options.gateway,
            worker=options.name,
            stop=stop,
            ca_file=options.ca_file,
            timeout=options.timeout,
        )
    except NetOpsError as error:
        return _wrong(error.detail)
    agent = Agent(
        client,
        default_probes(),
        resolver,
        AgentOptions(
            worker=options.name,
            poll=options.poll,
            grace=options.grace,
            concurrency=options.concurrency,
            redis_url=Secret(redis_url) if redis_url else None,
        ),
        stop=stop,
    )

    def end(number, _frame):
        stop.request()
        agent.bell.ring()
        # Whoever asks twice does not want to wait.
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with log_context(worker=options.name):
        try:
            agent.run(once=options.once)
        except NetOpsError as error:
            logging.getLogger('netops_worker.agent').error('%s. %s', error, error.info.hint)
            return 1
        finally:
            client.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser('netops-worker', description=_DESCRIPTION)
    parser.add_argument('--version', action='version', version=__version__)
    run = parser.add_subparsers(dest='command', required=True).add_parser(
        'run',
        help='claim and do the work of a gateway until SIGTERM',
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    run.add_argument('--url', required=True, help='base URL of NetBox, such as https://netbox.example.net')
    run.add_argument('--gateway', required=True, help='slug or ID of the gateway')
    run.add_argument('--token-file', help='file with the API token')
    run.add_argument('--redis-url', help='Redis of the doorbell, such as redis://host:6379/0; none: poll only')
    run.add_argument('--secrets-directory', help='directory of secret files')
    run.add_argument('--vault-file', help='TOML file that says how HashiCorp Vault or OpenBao is reached')
    run.add_argument(
        '--secret-fallback',
        default='',
        metavar='PROVIDER,...',
        help='asked when the provider of a credential is not installed or has no such secret: environment, file, vault',
    )
    run.add_argument(
        '--secret-cache',
        type=_whole(0, 300),
        default=30,
        metavar='SECONDS',
        help='that secrets of Vault are kept in memory (%(default)s)',
    )
    run.add_argument('--ca-file', help='certificates to trust in place of the usual ones')
    run.add_argument(
        '--name',
        default=f'{socket.gethostname()[:80]}:{os.getpid()}',
        help='of this worker, shown in NetBox (%(default)s)',
    )
    run.add_argument(
        '--concurrency', type=_whole(1, 10_000), default=256, help='devices probed at the same time (%(default)s)'
    )
    run.add_argument(
        '--poll', type=_seconds, default=30.0, help='seconds after which NetBox is asked without a ring (%(default)s)'
    )
    run.add_argument('--grace', type=_seconds, default=20.0, help='seconds from SIGTERM to the end (%(default)s)')
    run.add_argument(
        '--timeout', type=_seconds, default=20.0, help='seconds to wait for an answer of NetBox (%(default)s)'
    )
    run.add_argument(
        '--log-level', choices=('DEBUG', 'INFO', 'WARNING', 'ERROR'), default='INFO', help='of the log (%(default)s)'
    )
    run.add_argument('--once', action='store_true', help='end when nothing is claimable')
    return parser


def _resolver(options: argparse.Namespace) -> SecretResolver:
    """Raises ValueError with a text for people when an option about secrets is wrong."""
    providers: dict[str, SecretProvider] = {
        'environment': EnvironmentProvider(),
        'file': FileProvider(options.secrets_directory),
    }
    if options.vault_file:
        try:
            values = tomllib.loads(Path(options.vault_file).read_text())
        except OSError as error:
            raise ValueError(f'{options.vault_file} cannot be read: {error.strerror}') from None
        except ValueError:
            # Its text quotes the line, which may be a secret in a wrong place.
            raise ValueError(f'{options.vault_file} is not TOML') from None
        try:
            providers['vault'] = VaultProvider(parse_vault(values))
        except ValueError as error:
            raise ValueError(f'{options.vault_file}: {error}') from None
    fallback = [name.strip() for name in options.secret_fallback.split(',') if name.strip()]
    if unknown := [name for name in fallback if name not in providers]:
        raise ValueError(f'--secret-fallback: {unknown[0]!r} is none of {", ".join(providers)}')
    return SecretResolver(providers, fallback=fallback, cache_seconds=options.secret_cache)


def _whole(low: int, high: int):
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f'must be a whole number from {low} to {high}')
        return int(text)

    return parse


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError('must be from 0.1 to 3600 seconds')
    return seconds


def _token(path: str | None) -> Secret:
    """Raises OSError when there is no such file, and ValueError with a text for people when it holds no token."""
    content = Path(path).read_bytes() if path else os.environb.get(b'NETOPS_WORKER_TOKEN', b'')
    text = content.decode('ascii', 'replace').strip()
    # Whole header values are what NetBox's documentation shows.
    text = re.sub(r'^(Bearer|Token)\s+', '', text)
    if not text:
        raise ValueError('no token: use --token-file or the environment variable NETOPS_WORKER_TOKEN')
    if not re.fullmatch('[!-~]+', text):
        raise ValueError('what is given as token is none: it has blanks or foreign characters')
    return Secret(text)


def _wrong(message: str) -> int:
    print(f'netops-worker: {message}', file=sys.stderr)
    return 2


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler])


if __name__ == '__main__':
    sys.exit(main())
