"""The seam to SNMP: what collectors need from a session with one agent, whoever speaks the protocol."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from netops_worker.errors import NetOpsError

__all__ = (
    'FATAL',
    'IpAddress',
    'ObjectId',
    'SessionOptions',
    'SnmpClient',
    'SnmpValue',
    'Values',
    'Walk',
)


class ObjectId(str):
    """An OBJECT IDENTIFIER as dotted text without a leading dot."""

    __slots__ = ()


class IpAddress(str):
    """An IpAddress (RFC 2578): IPv4, dotted text."""

    __slots__ = ()


# Integers, counters, gauges and ticks are int; octet strings and opaque values bytes.
type SnmpValue = int | bytes | ObjectId | IpAddress | None

# After a failure whose code starts with one of these, further requests make no sense.
FATAL = ('unreachable:', 'deadline:', 'lease:', 'internal:')


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """`timeout`: seconds to wait for an answer to one request. `retries`: how often it is sent again.
    `max_repetitions`: rows asked for with one GETBULK, 0 for GETNEXT only. `max_rows` and `max_seconds`: where a walk
    is given up, per column and for all columns of the walk together.
    """

    port: int = 161
    timeout: float = 2.0
    retries: int = 1
    max_repetitions: int = 25
    max_rows: int = 20_000
    max_seconds: float = 40.0


class Values(dict[str, SnmpValue]):
    """What a GET read: OID to value. `failure`: why some may be missing that the agent has; None if it lacks those."""

    def __init__(self, values: Mapping[str, SnmpValue] | None = None, failure: NetOpsError | None = None) -> None:
        super().__init__(values or {})
        self.failure = failure


@dataclass(slots=True)
class Walk:
    """What a walk read. `columns` has every column that was asked for: index (the rest of the OID as dotted text) to
    value, in the agent's order; empty if the agent lacks it. `failures` has those that may be incomplete, and why.
    """

    columns: dict[str, dict[str, SnmpValue]]
    failures: dict[str, NetOpsError] = field(default_factory=dict)

    @property
    def failure(self) -> NetOpsError | None:
        """The gravest failure: one that ends the session, otherwise the first."""
        failures = self.failures.values()
        return next((error for error in failures if error.code.startswith(FATAL)), next(iter(failures), None))


class SnmpClient(Protocol):
    """A session with one agent. One request at a time. OIDs are dotted text without a leading dot.

    Failures are NetOpsError: `unreachable:no-response`, `unreachable:port-closed`, `unreachable:network`,
    `snmp:no-answer` (silent to this request though it answers others), `snmp:malformed` (only unintelligible answers),
    `snmp:error-status`, `credential:no-access`, `deadline:probe`, `lease:lost`.
    """

    async def get(self, oids: Sequence[str]) -> Values:
        """The values of these objects. Those that the agent does not have are missing.

        Raises NetOpsError if nothing could be read; what goes wrong with some of them is in the Values.
        """

    async def walk(self, columns: Sequence[str]) -> Walk:
        """The rows below each of these columns (or other subtrees, none below another one of them).

        Raises nothing: what goes wrong is in the Walk, next to what was read before. Further code of a failure:
        `snmp:endless-walk` (the OIDs do not increase, or a limit of the SessionOptions was reached).
        """

    async def present(self, subtrees: Collection[str]) -> set[str]:
        """Those of the subtrees below which the agent may have an object. Costs one request where an agent behaves.

        Left out are only those of which it says so: an error is no such answer, and the walk will tell. Raises
        NetOpsError.
        """

    def close(self) -> None:
        """Free the socket. May be called again."""
