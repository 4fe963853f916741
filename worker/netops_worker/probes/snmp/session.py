"""An SNMP session of our own: GET and walks of many columns at once, for agents as they are."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Collection, Sequence

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.snmp.ber import Malformed, encode_object_id
from netops_worker.probes.snmp.client import FATAL, SessionOptions, Values, Walk
from netops_worker.probes.snmp.pdu import (
    ABSENT,
    END_OF_VIEW,
    GET,
    GETBULK,
    GETNEXT,
    NO_SUCH_NAME,
    REPORT,
    RESPONSE,
    TOO_BIG,
    Binding,
    StatusError,
    bindings,
    encode_request,
)
from netops_worker.probes.snmp.security import Security
from netops_worker.probes.snmp.transport import Transport, resolve
from netops_worker.probes.snmp.walk import Column, outcome, take

__all__ = ('Session',)

# Values asked for with one request: about what fits into one Ethernet frame. Long tables grow from there, because
# round trips are what they cost, to answers of about 6 kB in fragments.
_FEW, _MANY = 60, 240
# Answers in a row of the full number of values, before more of them are asked for.
_TRUST = 4
# Columns of which all may be missing without much waste.
_SOME = 3
# What an agent is asked for that does not master larger requests.
_MODEST = 10
# The object that any agent has (sysUpTime.0): whether it is alive.
_ALIVE = '1.3.6.1.2.1.1.3.0'
_SILENT = ('unreachable:no-response', 'snmp:malformed')
# The same of one column.
_USELESS = ('snmp:no-answer', 'snmp:malformed')
# Requests sent again because the agent asked for it (SNMP v3: engine, time window).
_REPORTS = 3

# All of the same size, four octets.
_request_ids = itertools.count(random.randrange(2**24, 2**25))  # noqa: S311 - to tell answers apart, no secret


class Session:
    """An SnmpClient. To be made and used in the event loop, and closed."""

    def __init__(self, transport: Transport, security: Security, options: SessionOptions) -> None:
        self._transport = transport
        self._security = security
        self._options = options
        self._bulk = security.version > 0 and options.max_repetitions > 0
        # Whether the agent mishandles requests of several columns or many rows.
        self._modest = False
        # What went wrong in the present walk, though it may have gone well the second time.
        self._trouble: NetOpsError | None = None
        self._prepared = False

    @classmethod
    async def open(cls, address: str, security: Security, options: SessionOptions, context: ProbeContext) -> 'Session':
        """Sends nothing to the agent, but looks a host name up. Raises NetOpsError."""
        try:
            # A look-up takes as long as the resolver likes, and waits for those of other devices.
            async with asyncio.timeout(context.check_deadline()):
                family, endpoint = await resolve(address, options.port)
        except TimeoutError:
            raise NetOpsError('deadline:probe', f'{address!r} was not looked up in time') from None
        transport = Transport(family, endpoint, timeout=options.timeout, retries=options.retries, context=context)
        return cls(transport, security, options)

    def close(self) -> None:
        self._transport.close()

    async def get(self, oids: Sequence[str]) -> Values:
        wanted = {encode_object_id(oid): oid for oid in oids}
        pairs, failure = await self._get(list(wanted))
        found = {
            wanted[name]: value
            for name, value in pairs
            if name in wanted and value is not ABSENT and value is not END_OF_VIEW
        }
        return Values(found, failure)

    async def walk(self, columns: Sequence[str]) -> Walk:
        wanted = [Column(name) for name in dict.fromkeys(columns)]
        self._trouble = None
        try:
            await self._walk(wanted)
        except NetOpsError as error:
            for column in wanted:
                if not column.ended:
                    column.fail(error)
        if self._trouble and not any(column.rows for column in wanted):
            # An agent in trouble that then knows of nothing: its part for this table may just have gone away.
            for column in wanted:
                if not column.failure:
                    column.fail(self._trouble)
        return outcome(wanted)

    async def present(self, subtrees: Collection[str]) -> set[str]:
        wanted = list(dict.fromkeys(subtrees))
        try:
            return await self._present(wanted)
        except NetOpsError as error:
            if error.code not in _SILENT:
                raise
            # Either it is gone, or this question is too much for it: then the walks will tell.
            await self.get([_ALIVE])
            return set(wanted)

    # GET

    async def _get(self, names: list[bytes]) -> tuple[list[Binding], NetOpsError | None]:
        """What could be read, and what kept some of it from being read."""
        try:
            return await self._exchange(GET, names, bindings), None
        except StatusError as error:
            if len(names) == 1:
                if error.status == NO_SUCH_NAME:
                    return [], None
                raise
            if error.code == 'credential:no-access':
                raise
        # An agent that refuses the whole because of one object (SNMP v1 has to), or because it is too big for it.
        pairs: list[Binding] = []
        failure: NetOpsError | None = None
        for name in names:
            try:
                pairs += (await self._get([name]))[0]
            except StatusError as error:
                failure = failure or error
        if failure and not pairs:
            raise failure
        return pairs, failure

    async def _present(self, subtrees: list[str]) -> set[str]:
        """One GETNEXT for all of them; where the agent refuses that, for half of them.

        Absent is only what it says is absent. Of one that is refused all by itself the walk will tell.
        """
        found: set[str] = set()
        while subtrees:
            roots = [encode_object_id(subtree) for subtree in subtrees]
            try:
                answer = await self._exchange(GETNEXT, roots, bindings)
            except StatusError as error:
                if error.status == NO_SUCH_NAME and 0 < error.index <= len(subtrees):
                    # How SNMP v1 says that nothing follows this one. The rest is asked again.
                    del subtrees[error.index - 1]
                    continue
                if error.status == NO_SUCH_NAME and len(subtrees) == 1:
                    return found
                answer = []
            if not answer:
                break
            found |= {
                subtree
                for subtree, root, (name, value) in zip(subtrees, roots, answer, strict=False)
                if name != root and name.startswith(root) and value is not ABSENT and value is not END_OF_VIEW
            }
            # What an answer had no room for is asked again.
            subtrees = subtrees[len(answer) :]
        if len(subtrees) > 1:
            middle = len(subtrees) // 2
            found |= await self._present(subtrees[:middle])
            found |= await self._present(subtrees[middle:])
            return found
        return found | set(subtrees)

    # Walk

    async def _walk(self, wanted: list[Column]) -> None:
        deadline = time.monotonic() + self._options.max_seconds
        if self._modest:
            for column in wanted:
                await self._walk_modestly(column, deadline)
            return
        budget, full = _FEW, 0
        most = self._options.max_repetitions
        # The first row tells which of many columns the agent lacks: more rows would bring what follows them instead.
        first = len(wanted) > _SOME
        # Whether the last request was answered.
        fruitful = False
        while active := [column for column in wanted if not column.ended]:
            _check_time(deadline)
            repetitions = max(1, min(most, budget // len(active))) if self._bulk and not first else 1
            try:
                count = await self._next(active, repetitions, self._options.max_rows)
                if not count:
                    raise NetOpsError('snmp:malformed', 'an answer without any value')
            except NetOpsError as error:
                if error.code.startswith(FATAL) and error.code not in _SILENT:
                    raise
                if _end_of_view(error, active):
                    continue
                if budget > _FEW:
                    # It was the size.
                    budget, full, fruitful = _FEW, -(2**30), False
                    continue
                if fruitful and error.code in _SILENT:
                    # One like it was answered just now. On a bad line a request and its repetitions get lost at times.
                    fruitful = False
                    await self.get([_ALIVE])
                    continue
                await self._walk_the_rest(active, deadline, error)
                return
            fruitful = True
            if first:
                first = False
                continue
            if count < repetitions * len(active) and not any(column.ended for column in active):
                # As much as its answers hold.
                most, full = max(1, count // len(active)), 0
                continue
            full += 1
            if full >= _TRUST:
                budget, full = min(budget * 2, _MANY), 0

    async def _walk_the_rest(self, columns: list[Column], deadline: float, error: NetOpsError) -> None:
        """After a request for several columns failed: one by one, so that one column's failure costs only that one."""
        silent = error.code in _SILENT
        self._note(error)
        if silent:
            # Either the agent does not master large requests or it is gone, which ends the walk here.
            await self.get([_ALIVE])
        if silent or (isinstance(error, StatusError) and error.status == TOO_BIG):
            self._modest = True
        answered = False
        for column in columns:
            await self._walk_modestly(column, deadline)
            if silent and column.failure and column.failure.code in _USELESS and not column.rows:
                # It was not the size of the request.
                self._modest = False
                if not answered:
                    # It is the table, of which each further column would cost as much time.
                    raise column.failure
                answered = False
            else:
                answered = True

    async def _walk_modestly(self, column: Column, deadline: float) -> None:
        bulk = self._bulk
        repetitions = min(_MODEST, self._options.max_repetitions) if bulk else 1
        while not column.ended:
            _check_time(deadline)
            try:
                if await self._next([column], repetitions, self._options.max_rows):
                    continue
                if repetitions == 1:
                    column.fail(NetOpsError('snmp:malformed', f'an answer without any value for {column.name}'))
                # It may be that not even one value fits (RFC 3416, section 4.2.3).
                repetitions = 1
            except StatusError as error:
                if error.status == NO_SUCH_NAME:
                    # How SNMP v1 says that there is nothing more; some agents do in v2c too.
                    column.ended = True
                    continue
                self._note(error)
                if repetitions == 1 or error.code == 'credential:no-access':
                    column.fail(error)
                else:
                    repetitions = 1
            except NetOpsError as error:
                if error.code not in _SILENT:
                    raise
                self._note(error)
                await self.get([_ALIVE])
                if repetitions == 1:
                    self._bulk = bulk
                    column.fail(_silence(error, column))
                else:
                    # From now on, unless that does not help either.
                    self._bulk = False
                    repetitions = 1

    def _note(self, error: NetOpsError) -> None:
        # That an answer would be too large, or that an object does not exist, is no trouble but an answer.
        if not (isinstance(error, StatusError) and error.status in (TOO_BIG, NO_SUCH_NAME)):
            code = 'snmp:no-answer' if error.code == 'unreachable:no-response' else error.code
            self._trouble = self._trouble or NetOpsError(code, error.detail)

    async def _next(self, columns: list[Column], repetitions: int, max_rows: int) -> int:
        """Ask for the next rows of these columns and put them in. Returns the number of values that came."""
        positions = [column.position for column in columns]
        kind = GETBULK if self._bulk and repetitions > 1 else GETNEXT
        data, start, end = await self._exchange(kind, positions, _span, repetitions if kind == GETBULK else 0)
        try:
            return take(data, start, end, columns, max_rows)
        except Malformed as error:
            raise NetOpsError('snmp:malformed', str(error)) from None

    # Messages

    async def _exchange[T](
        self, kind: int, names: list[bytes], read: Callable[[bytes, int, int], T], repetitions: int = 0
    ) -> T:
        """What `read` makes of the bindings of the answer, which lie between two positions of the data.

        An answer of which it raises Malformed is dropped. Raises NetOpsError, StatusError among them.
        """
        security = self._security
        if not self._prepared:
            await security.prepare(self._transport)
            self._prepared = True
        request_id = next(_request_ids) & 0x7FFFFFFF
        request = encode_request(kind, request_id, names, repetitions)

        def accept(datagram: bytes) -> tuple[int, T | None] | None:
            if (answer := security.unwrap(datagram)) is None:
                return None
            data, pdu = answer
            if pdu.kind == REPORT:
                return REPORT, None
            if pdu.request_id != request_id:
                return None
            if pdu.status:
                raise StatusError(pdu.status, pdu.index)
            return RESPONSE, read(data, pdu.start, pdu.end)

        for _ in range(1 + _REPORTS):
            found, result = await self._transport.request(lambda: security.wrap(request, request_id), accept)
            if found == RESPONSE:
                return result
        raise NetOpsError('snmp:malformed', 'the agent keeps asking for another form of the request')


def _span(data: bytes, start: int, end: int) -> tuple[bytes, int, int]:
    """Bindings that are read later."""
    return data, start, end


def _check_time(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise NetOpsError('snmp:endless-walk', 'the time for one walk is used up')


def _end_of_view(error: NetOpsError, active: list[Column]) -> bool:
    """Whether an agent of SNMP v1 says that nothing follows one of these, which has ended then."""
    if isinstance(error, StatusError) and error.status == NO_SUCH_NAME and 0 < error.index <= len(active):
        active[error.index - 1].ended = True
        return True
    return False


def _silence(error: NetOpsError, column: Column) -> NetOpsError:
    code = 'snmp:no-answer' if error.code == 'unreachable:no-response' else error.code
    return NetOpsError(code, f'to a request for {column.name}')
