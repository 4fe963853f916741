"""The processes of the chaos: two job workers and the scheduler, started again when they end, as systemd would do."""

import itertools
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.netbox import Server
from lab.process import LabError, birth, descendants, state, wait_until
from lab.session import Lab
from lab.system import say

from .outcome import STATES

__all__ = ('WORKERS', 'Horse', 'Plant', 'send')

WORKERS = ('worker-a', 'worker-b')

_HELD = """
    SELECT array_agg(lease_token), max(attempt) FROM netbox_netops_runtarget
    WHERE run_id = %s AND state = 'running' AND lease_until > now() AND worker = %s
"""
_VALID = 'SELECT count(*) FROM netbox_netops_runtarget WHERE lease_token = ANY(%s) AND lease_until > now()'
_TAKEN = 'SELECT count(*) FROM netbox_netops_runtarget WHERE lease_token = ANY(%s)'


@dataclass(frozen=True, slots=True)
class Horse:
    """A work-horse that is stopped (SIGSTOP) while it holds targets. `name`: of its worker. `tokens`: of their leases.

    `attempt`: the highest among them.
    """

    name: str
    server: Server
    pid: int
    tokens: list
    attempt: int


@dataclass(frozen=True, slots=True)
class _Frozen:
    """`until`: when it wakes up (monotonic clock). `pids`: (pid, birth) of all its processes."""

    server: Server
    until: float
    pids: list[tuple[int, str]]
    tokens: list


class Plant:
    """`deadline`: moment (monotonic clock) at which everything must be over; to be set before anything is awaited."""

    def __init__(self, lab: Lab, run_id: int | None = None) -> None:
        self.lab = lab
        self.run_id = run_id
        self.deadline = time.monotonic() + 60
        self.servers: dict[str, Server] = {}
        self._frozen: list[_Frozen] = []
        # Work-horses whose parent was killed: they end by themselves.
        self._orphans: list[tuple[int, str]] = []
        self._numbers = itertools.count(1)

    def start(self) -> None:
        for name in (*WORKERS, 'scheduler'):
            self._start(name)
        for server in self.servers.values():
            server.wait()

    def _start(self, name: str) -> None:
        label = f'{name}-{next(self._numbers)}'
        make = self.lab.netbox.scheduler if name == 'scheduler' else self.lab.netbox.worker
        self.servers[name] = make(name=label, wait=False)

    def query(self, statement: str, *parameters) -> list[tuple]:
        return self.lab.cluster.execute(statement, *parameters, database=self.lab.netbox.database)

    def redis(self):
        """A client of the database with NetBox's queues."""
        return self.lab.valkey.client(self.lab.netbox.redis_databases[0])

    # Waiting

    def until[T](self, ready: Callable[[], T], what: str, seconds: float | None = None) -> T:
        """Wait for something true, at most `seconds` and never beyond the deadline, and look after the processes."""
        deadline = self.deadline if seconds is None else min(self.deadline, time.monotonic() + seconds)
        while not (answer := ready()):
            self._tend()
            if time.monotonic() > deadline:
                states = '; '.join(
                    f'{number} {state} {code} (attempt {attempt})'
                    for state, code, attempt, number in self.query(STATES, self.run_id)
                )
                raise LabError(f'{what} did not come in time: {states}')
            time.sleep(0.1)
        return answer

    def pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= until, 'a pause')

    def _tend(self) -> None:
        """Start again what has ended, and wake up what was frozen for long enough."""
        for frozen in list(self._frozen):
            if time.monotonic() >= frozen.until:
                self._frozen.remove(frozen)
                self._wake(frozen)
        for name, server in list(self.servers.items()):
            if not server.alive:
                self._start(name)

    def rest(self) -> None:
        """Wait until what is frozen has woken up, and what lost its parent has ended."""
        self.until(lambda: not self._frozen, 'the frozen worker')
        self.until(
            lambda: not any(birth(pid) == born for pid, born in self._orphans),
            'the end of the work-horses whose parent was killed',
        )

    # Processes

    def caught(self, names: Sequence[str], harmless: Callable[[Horse], bool]) -> Horse:
        """Stop the work-horse of one of these workers at a moment when it holds targets and `harmless(horse)` agrees.

        Stopped before it is asked, so that what it holds is what it holds when something happens to it. Raises
        LabError when there is no such moment: then whatever was to happen would not have happened.
        """
        return self.until(
            lambda: next(filter(None, (self._catch(name, harmless) for name in names)), None),
            f'a work-horse of {" or ".join(names)} that holds targets',
            60,
        )

    def _catch(self, name: str, harmless: Callable[[Horse], bool]) -> Horse | None:
        server = self.servers[name]
        if server in [frozen.server for frozen in self._frozen]:
            return None
        for pid, _born in descendants(server.pid):
            if not self.held(pid)[0]:
                continue
            send(pid, signal.SIGSTOP)
            wait_until(lambda pid=pid: state(pid) in ('T', ''), what=f'the stop of {pid}', timeout=5, interval=0.005)
            tokens, attempt = self.held(pid)
            if tokens and state(pid):
                horse = Horse(name, server, pid, tokens, attempt)
                if harmless(horse):
                    return horse
            send(pid, signal.SIGCONT)
        return None

    def held(self, pid: int) -> tuple[list, int]:
        """Lease tokens of the targets that this process holds, and the highest attempt among them."""
        ((tokens, attempt),) = self.query(_HELD, self.run_id, f'{socket.gethostname()}:{pid}')
        return tokens or [], attempt or 0

    def freeze(self, horse: Horse, seconds: float) -> None:
        """Stop all processes of its worker for so long."""
        pids = [(horse.server.pid, birth(horse.server.pid)), *descendants(horse.server.pid)]
        for pid, _born in pids:
            send(pid, signal.SIGSTOP)
        self._frozen.append(_Frozen(horse.server, time.monotonic() + seconds, pids, horse.tokens))

    def _wake(self, frozen: _Frozen) -> None:
        gone = [pid for pid, born in frozen.pids if birth(pid) != born or state(pid) != 'T']
        ((valid,),) = self.query(_VALID, frozen.tokens)
        if gone or valid:
            raise LabError(f'{frozen.server.name} was not frozen for longer than its lease: {gone} gone, {valid} valid')
        ((left,),) = self.query(_TAKEN, frozen.tokens)
        for pid, _born in frozen.pids:
            send(pid, signal.SIGCONT)
        say(
            f'           SIGCONT: {frozen.server.name}; its leases are over, {len(frozen.tokens) - left} of '
            f'{len(frozen.tokens)} were taken from it meanwhile'
        )

    def kill(self, server: Server, *pids: int) -> None:
        """SIGKILL these processes, of which the server may be one, and see that they have ended by it."""
        for pid in pids:
            send(pid, signal.SIGKILL)
        for pid in pids:
            if pid == server.pid:
                if server.process.wait(10) != -signal.SIGKILL:
                    raise LabError(f'{server.name} had ended before, with status {server.returncode}')
            else:
                # Its parent may leave it for a moment as a zombie.
                wait_until(lambda pid=pid: state(pid) in ('Z', ''), what=f'the death of {pid}', timeout=10)

    def orphan(self, pid: int) -> None:
        self._orphans.append((pid, birth(pid)))


def send(pid: int, number: int) -> None:
    # Only what is ours and still there: a pid may have been given to another process.
    if birth(pid):
        os.kill(pid, number)
