"""One run of many simulated devices with two job workers, during which everything else fails, in random order.

What a supervisor such as systemd does, is done here too: processes that ended are started again. The devices note what
they receive; whether two workers were at one of them at the same time is read there, not in what the engine says.
"""

import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from benchmarks.fleet import COMMUNITY, Fleet, received
from lab.netbox import Server
from lab.paths import CHECKOUT
from lab.process import LabError, birth, descendants, wait_until
from lab.session import Lab
from lab.system import say

__all__ = ('BROKEN', 'Outcome', 'play')

LEASE_SECONDS = 10
PORTS, PEERS = 4, 2
# Seconds until an answer: a probe takes a dozen of them one after the other.
DELAY = 0.25
CONCURRENCY = 60
# Seconds between two events, and how long a worker is frozen: longer than its lease.
PAUSE = (3.0, 6.0)
FROZEN = LEASE_SECONDS + 5.0
LONGEST = 170
# A packet of an old owner may be under way for so long after the first of the new one.
TOLERANCE = 0.050
# What must be zero.
BROKEN = ('duplicates', 'lost', 'overwritten', 'stuck_leases', 'stuck_jobs')

SETTINGS = {
    'lease_seconds': LEASE_SECONDS,
    'concurrency': CONCURRENCY,
    'retry_seconds': 1,
    'site_concurrency': None,
    'host_rate': None,
    'stop_grace_seconds': 5,
    # Enough for all that is done to one target here.
    'attempts': {'device-scan': 10},
}
FINISHED = 'SELECT status FROM netbox_netops_run WHERE id = %s AND finished IS NOT NULL'
DONE = "SELECT count(*) FROM netbox_netops_runtarget WHERE run_id = %s AND state NOT IN ('waiting', 'running')"
STATES = 'SELECT state, error_code, count(*) FROM netbox_netops_runtarget WHERE run_id = %s GROUP BY 1, 2 ORDER BY 1, 2'
# Each target that succeeded has exactly one good result, of the worker that held it at the end, since it held it.
OVERWRITTEN = """
    SELECT count(*) FROM netbox_netops_runtarget w
    LEFT JOIN LATERAL (
        SELECT count(*) AS number, max(s.worker) AS worker, min(s.started) AS started
        FROM netbox_netops_scanresult s WHERE s.run_id = w.run_id AND s.target_id = w.target_id AND s.ok
    ) s ON true
    JOIN netbox_netops_target t ON t.id = w.target_id
    WHERE w.run_id = %s AND w.state = 'succeeded'
      AND (s.number <> 1 OR s.worker <> w.worker OR s.started < w.started - interval '1 second'
           OR t.latest_scan_id IS NULL)
"""
STUCK_LEASES = """
    SELECT count(*) FROM netbox_netops_runtarget
    WHERE (state = 'running' AND lease_until < now()) OR (state <> 'running' AND lease_token IS NOT NULL)
"""
OPEN_JOBS = """
    SELECT count(*) FROM core_job j JOIN django_content_type c ON c.id = j.object_type_id
    WHERE c.app_label = 'netbox_netops' AND c.model = 'run' AND j.status IN ('pending', 'scheduled', 'running')
"""
TICK_JOBS = (
    "SELECT job_id::text FROM core_job WHERE name = 'NetOps tick' AND status IN ('pending', 'scheduled', 'running')"
)


@dataclass(frozen=True)
class Outcome:
    """Of `targets`, `final` reached a final state. `lost`: those that did not, or of which the result is missing."""

    seed: int
    targets: int
    final: int
    duplicates: int
    lost: int
    overwritten: int
    stuck_leases: int
    stuck_jobs: int
    seconds: float

    @property
    def broken(self) -> dict[str, int]:
        found = {name: value for name in BROKEN if (value := getattr(self, name))}
        return found | ({'final': self.final} if self.final != self.targets else {})

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def play(seed: int, targets: int = 2000) -> Outcome:
    """Raises LabError when the run does not end in time."""
    config = {'PLUGINS_CONFIG': {'netbox_netops': SETTINGS}}
    with Lab('chaos', settings=config, env={'NETOPS_SECRET_BENCH': COMMUNITY}) as lab:
        log = lab.run.path / 'packets'
        with Fleet(lab.run, PORTS, PEERS, delay=DELAY, log=log) as fleet:
            _in_netbox(lab, 'prepare', fleet.port, targets, 1)
            return _Play(lab, random.Random(seed), seed, targets, log).run()


def _in_netbox(lab: Lab, *arguments) -> dict:
    return json.loads(lab.netbox.python('-m', 'benchmarks._netbox', *map(str, arguments)))


class _Play:
    def __init__(self, lab: Lab, chance: random.Random, seed: int, targets: int, log) -> None:
        self.lab, self.chance, self.seed, self.targets, self.log = lab, chance, seed, targets, log
        self.numbers = itertools.count(1)
        self.servers: dict[str, Server] = {}
        # When a frozen worker wakes up.
        self.wakes: list[tuple[float, list[int]]] = []

    def run(self) -> Outcome:
        for name in ('worker-a', 'worker-b', 'scheduler'):
            self._supervise(name)
        for server in self.servers.values():
            server.wait()
        self.run_id = _in_netbox(self.lab, 'scan')['run']
        begun = time.monotonic()
        deadline = begun + LONGEST
        self._until(lambda: self._done() > self.targets // 40, deadline, 'the first results')
        for event in self._events():
            say(f'  {time.monotonic() - begun:5.1f} s  {self._done():5d} done  {event.__name__.strip("_")}')
            event()
            pause = time.monotonic() + self.chance.uniform(*PAUSE)
            self._until(lambda until=pause: time.monotonic() > until, deadline, 'a pause')
        self._until(lambda: not self.wakes, deadline, 'the frozen worker')
        self._until(lambda: self._query(FINISHED, self.run_id), deadline, 'the end of the run')
        seconds = time.monotonic() - begun
        # Core jobs are closed, and the system job brought back, by ticks after that.
        return self._outcome(seconds, *self._settle(deadline + 60))

    def _events(self) -> list[Callable[[], None]]:
        events = [
            self._kill_a_worker,
            self._terminate_a_worker,
            self._restart_redis,
            self._flush_redis,
            self._restart_postgres,
            self._freeze_a_worker,
            self._remove_the_entry_of_the_tick,
            self._kill_the_scheduler,
        ]
        self.chance.shuffle(events)
        return events

    # Events

    def _kill_a_worker(self) -> None:
        server = self._worker()
        what = self.chance.choice(('parent', 'work-horse', 'all'))
        tree = [pid for pid, _birth in descendants(server.pid)]
        say(f'           SIGKILL: {what} of {server.name}')
        pids = {'parent': [server.pid], 'work-horse': tree, 'all': [server.pid, *tree]}[what]
        for pid in pids:
            _signal(pid, signal.SIGKILL)

    def _terminate_a_worker(self) -> None:
        server = self._worker()
        say(f'           SIGTERM: {server.name}')
        _signal(server.pid, signal.SIGTERM)
        wait_until(lambda: not server.alive, what=f'the warm stop of {server.name}', timeout=40)

    def _restart_redis(self) -> None:
        self.lab.valkey.restart()

    def _flush_redis(self) -> None:
        self.lab.valkey.flush()

    def _restart_postgres(self) -> None:
        self.lab.cluster.stop()
        self.lab.cluster.start()

    def _freeze_a_worker(self) -> None:
        server = self._worker()
        pids = [server.pid, *(pid for pid, _birth in descendants(server.pid))]
        say(f'           SIGSTOP: {server.name}')
        for pid in pids:
            _signal(pid, signal.SIGSTOP)
        self.wakes.append((time.monotonic() + FROZEN, pids))

    def _remove_the_entry_of_the_tick(self) -> None:
        client = self.lab.valkey.client(self.lab.netbox.redis_databases[0])
        for (job,) in self._query(TICK_JOBS):
            client.delete(f'rq:job:{job}')
            client.lrem('rq:queue:low', 0, job)
            client.zrem('rq:scheduled:low', job)

    def _kill_the_scheduler(self) -> None:
        _signal(self.servers['scheduler'].pid, signal.SIGKILL)

    # Processes

    def _worker(self) -> Server:
        frozen = {pid for _until, pids in self.wakes for pid in pids}
        alive = [
            server
            for name, server in sorted(self.servers.items())
            if name.startswith('worker') and server.alive and server.pid not in frozen
        ]
        return self.chance.choice(alive)

    def _supervise(self, name: str) -> None:
        netbox = self.lab.netbox
        label = f'{name}-{next(self.numbers)}'
        if name == 'scheduler':
            command = [sys.executable, '-m', 'netbox', 'netops_scheduler', '--skip-checks']
            server = Server(label, command, log=netbox.run.log(label), env=netbox.env, cwd=CHECKOUT, grace=0)
            server.ready = lambda: 'a tick every' in server.log.read_text()
            self.servers[name] = server
        else:
            self.servers[name] = netbox.worker(name=label, wait=False)

    def _tend(self) -> None:
        """Start again what has ended, and wake up what was frozen for long enough."""
        now = time.monotonic()
        for until, pids in list(self.wakes):
            if now >= until:
                self.wakes.remove((until, pids))
                for pid in pids:
                    _signal(pid, signal.SIGCONT)
        for name, server in list(self.servers.items()):
            if not server.alive:
                server.process.wait()
                self._supervise(name)

    def _until(self, ready: Callable[[], object], deadline: float, what: str) -> None:
        while not ready():
            self._tend()
            if time.monotonic() > deadline:
                states = ', '.join(
                    f'{number} {state} {code}' for state, code, number in self._query(STATES, self.run_id)
                )
                raise LabError(f'seed {self.seed}: {what} did not come in time: {states}')
            time.sleep(0.2)

    # What came of it

    def _settle(self, deadline: float) -> tuple[int, int]:
        """Wait until no lease and no core job is stuck; their numbers when the last look was taken."""
        stuck = (0, 0)

        def at_rest():
            nonlocal stuck
            # One that has just ended is for a moment neither at work nor queued again.
            stuck = self._query(STUCK_LEASES)[0][0], self._query(OPEN_JOBS)[0][0] + (not self._ticks())
            return stuck == (0, 0)

        try:
            self._until(at_rest, deadline, 'rest')
        except LabError as error:
            # The outcome tells what is not at rest.
            say(str(error))
        return stuck

    def _ticks(self) -> bool:
        """Whether the system job of the tick is known to Redis, once."""
        client = self.lab.valkey.client(self.lab.netbox.redis_databases[0])
        jobs = [job for (job,) in self._query(TICK_JOBS)]
        return len(jobs) == 1 and client.exists(f'rq:job:{jobs[0]}') == 1

    def _outcome(self, seconds: float, stuck_leases: int, stuck_jobs: int) -> Outcome:
        final = self._done()
        missing = (
            self.targets
            - self._query('SELECT count(*) FROM netbox_netops_runtarget WHERE run_id = %s', self.run_id)[0][0]
        )
        lost = max(missing, self.targets - final)
        for state, code, number in self._query(STATES, self.run_id):
            say(f'  {number:5d} {state} {code}')
        return Outcome(
            seed=self.seed,
            targets=self.targets,
            final=final,
            duplicates=sum(1 for _each in duplicates(self.log)),
            lost=lost,
            overwritten=self._query(OVERWRITTEN, self.run_id)[0][0],
            stuck_leases=stuck_leases,
            stuck_jobs=stuck_jobs,
            seconds=round(seconds, 1),
        )

    def _done(self) -> int:
        return self._query(DONE, self.run_id)[0][0]

    def _query(self, statement: str, *parameters) -> list[tuple]:
        return self.lab.cluster.execute(statement, *parameters, database=self.lab.netbox.database)


def duplicates(log) -> Iterator[str]:
    """Devices that heard an old owner later than TOLERANCE after a new owner's first packet.

    Each probe has a socket, and so a port, of its own: another port is another owner.
    """
    owners: dict[str, list[int]] = {}
    begun: dict[tuple[str, int], float] = {}
    told: set[str] = set()
    for packet in received(log):
        ports = owners.setdefault(packet.address, [])
        if packet.port not in ports:
            ports.append(packet.port)
            begun[packet.address, packet.port] = packet.at
        elif packet.port != ports[-1]:
            late = packet.at - begun[packet.address, ports[-1]]
            if late > TOLERANCE and packet.address not in told:
                told.add(packet.address)
                say(f'  {packet.address}: port {packet.port} still {late:.3f} s after port {ports[-1]} had begun')
                yield packet.address


def _signal(pid: int, number: int) -> None:
    # Only what is ours and still there: a pid may have been given to another process.
    if birth(pid):
        os.kill(pid, number)
