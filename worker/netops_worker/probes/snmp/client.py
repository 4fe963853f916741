"""The seam to SNMP: what collectors need from a session with one agent, whichever library speaks the protocol."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.secrets import Secret

__all__ = (
    'Connect',
    'SessionOptions',
    'SnmpClient',
    'SnmpValue',
    'WalkError',
)

# Integers, counters and ticks are int, octet strings bytes, object identifiers and IP addresses dotted str.
type SnmpValue = int | float | bytes | str | None


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """`timeout`: seconds to wait for an answer to one request. `retries`: how often it is sent again.
    `max_repetitions`: rows asked for with one GETBULK. `max_rows`: where a walk of one column is given up.
    """

    port: int = 161
    timeout: float = 2.0
    retries: int = 1
    max_repetitions: int = 25
    max_rows: int = 20_000


class WalkError(NetOpsError):
    """A walk that failed in the middle. `rows` is what it had read, `capped` whether it hit `max_rows`."""

    def __init__(self, code: str, detail: str, rows: list[tuple[str, SnmpValue]], *, capped: bool = False) -> None:
        super().__init__(code, detail)
        self.rows = rows
        self.capped = capped


class SnmpClient(Protocol):
    """A session with one agent. One request at a time. OIDs are dotted text without a leading dot.

    Both methods raise NetOpsError: `unreachable:no-response`, `unreachable:port-closed`, `unreachable:network`,
    `snmp:malformed` (only unintelligible answers), `snmp:error-status`, `credential:no-access`, `deadline:probe`,
    `lease:lost`.
    """

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        """The values of these objects. Those that the agent does not have are missing."""

    async def walk(self, column: str) -> list[tuple[str, SnmpValue]]:
        """The rows below `column` in the agent's order: the rest of the OID as dotted text, and the value.

        Fails with WalkError, which has the rows read so far. Its code may also be `snmp:endless-walk`: the OIDs do
        not increase, or there are more than `max_rows`.
        """

    def close(self) -> None:
        """Free the socket. May be called again."""


# address, secret community, options, context -> session. Opening sends nothing.
type Connect = Callable[[str, Secret, SessionOptions, ProbeContext], Awaitable[SnmpClient]]
