"""The options of a scan, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import SessionOptions
from netops_worker.wire import CredentialRef

__all__ = ('ScanOptions',)


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """`port`: UDP port, None to leave it to the credential's parameter `port` (default 161). `timeout`: seconds for
    one answer. `retries`: how often a request is sent again. `max_repetitions`: most rows per GETBULK; 1 for an agent
    that is to be asked with GETNEXT only. `max_rows`, `max_seconds`: where a table is given up, rows per column and
    time for the table. `max_credentials`: how many are tried. `deadline`: seconds for the whole scan.
    """

    port: int | None = None
    timeout: float = 2.0
    retries: int = 1
    max_repetitions: int = 25
    max_rows: int = 20_000
    max_seconds: float = 40.0
    max_credentials: int = 4
    deadline: float = 60.0

    @classmethod
    def from_task(cls, options: Mapping[str, Any]) -> 'ScanOptions':
        """Take the options of a task; those of other kinds are ignored. Raises NetOpsError `options:invalid`."""
        return cls(**{name: _check(name, options[name]) for name in _RANGES if options.get(name) is not None})

    @classmethod
    def check(cls, options: Mapping[str, Any], where: str = '') -> dict[str, Any]:
        """The options as they are, if a person may enter them. Raises NetOpsError `options:invalid` that names the
        option after `where`, for unknown ones too.
        """
        for name, value in options.items():
            if name not in _RANGES:
                raise NetOpsError('options:invalid', f'{where}{name} is not an option')
            _check(name, value, where)
        return dict(options)

    def session(self, credential: CredentialRef) -> SessionOptions:
        """The options for one credential. Raises NetOpsError `options:invalid` for its parameter `port`."""
        port = self.port
        if port is None and (own := credential.parameters.get('port')) is not None:
            port = _check('port', own, f'{credential.name}: ')
        return SessionOptions(
            port=161 if port is None else port,
            timeout=self.timeout,
            retries=self.retries,
            max_repetitions=self.max_repetitions,
            max_rows=self.max_rows,
            max_seconds=self.max_seconds,
        )


# Type, least and greatest value.
_RANGES: dict[str, tuple[type, float, float]] = {
    'port': (int, 1, 65535),
    'timeout': (float, 0.05, 60),
    'retries': (int, 0, 10),
    'max_repetitions': (int, 1, 100),
    'max_rows': (int, 1, 1_000_000),
    'max_seconds': (float, 1, 3600),
    'max_credentials': (int, 1, 16),
    'deadline': (float, 1, 3600),
}


def _check(name: str, value: Any, where: str = '') -> Any:
    kind, least, greatest = _RANGES[name]
    allowed = int if kind is int else int | float
    if not isinstance(value, allowed) or isinstance(value, bool) or not least <= value <= greatest:
        number = 'a whole number' if kind is int else 'a number'
        raise NetOpsError('options:invalid', f'{where}{name} must be {number} from {least:g} to {greatest:g}')
    return value
