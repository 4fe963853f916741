"""One run of many simulated devices with two job workers, during which everything else fails, in random order.

Each event is seen to have happened, while the run is on: a work-horse is killed while it holds targets, and so on.
Where that cannot be seen the scenario fails. The devices note what they receive; whether two workers were at one of
them at the same time is read there, not in what the engine says.
"""

import json
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.fleet import COMMUNITY, Fleet
from lab.process import Child, LabError, descendants, state
from lab.session import Lab
from lab.system import say

from .outcome import DONE, LOST, OVERWRITTEN, STATES, SUCCEEDED, Outcome
from .packets import duplicates, heard
from .plant import WORKERS, Horse, Plant, send

__all__ = ('Outcome', 'play')

# All else is as in production, also the limits per site and host, and the three attempts: see `_costs_nothing`.
SETTINGS = {
    # The least that is allowed: what a worker held that died is free after that, and there are three minutes in all.
    'lease_seconds': 10,
    # Below what a site allows (128), so that one worker alone cannot take it all; two together reach that limit.
    'concurrency': 95,
    # A job hands over several times in the course of the run, not only after minutes.
    'drain_seconds': 20,
}
# One device in so many is at a second site, so that a claim has to look past the one that is full.
SMALL = 20
PORTS, PEERS = 4, 2
# Seconds until an answer: a probe takes a dozen of them one after the other.
DELAY = 0.31
# Seconds between two events; how long a worker is frozen, which is longer than its lease; and Redis.
PAUSE = (0.5, 3.0)
FROZEN = SETTINGS['lease_seconds'] + 5.0
REDIS_FROZEN = 4.0
# Seconds from the start of the run to its end; and after that until no core job is stuck, and the system job is back.
LONGEST, SETTLING = 150, 60
# Events that take the entry of the system job from Redis are among so many first ones: NetOps brings it back after half
# a minute, which is waited for.
EARLY = 9
ATTEMPTS = 3

FINISHED = 'SELECT status FROM netbox_netops_run WHERE id = %s AND finished IS NOT NULL'
# Targets that are, or may be in a moment, at their last attempt.
LAST_ATTEMPTS = f"""
    SELECT count(*) FROM netbox_netops_runtarget WHERE run_id = %s AND (
        (state = 'running' AND attempt >= {ATTEMPTS})
        OR (attempt >= {ATTEMPTS - 1} AND (
            state = 'waiting' OR (state = 'running' AND lease_until < now() + interval '3 seconds')))
    )
"""
STUCK_LEASES = """
    SELECT count(*) FROM netbox_netops_runtarget
    WHERE (state = 'running' AND lease_until < now()) OR (state <> 'running' AND lease_token IS NOT NULL)
"""
OF_RUNS = """
    FROM core_job j JOIN django_content_type c ON c.id = j.object_type_id
    WHERE c.app_label = 'netbox_netops' AND c.model = 'run'
"""
OPEN_JOBS = f"SELECT count(*) {OF_RUNS} AND j.status IN ('pending', 'scheduled', 'running')"
TIMED_OUT_JOBS = f"SELECT count(*) {OF_RUNS} AND j.error LIKE 'JobTimeoutException%%'"
TICK_JOBS = (
    "SELECT job_id::text FROM core_job WHERE name = 'NetOps tick' AND status IN ('pending', 'scheduled', 'running')"
)
POSTGRES_STARTED = 'SELECT pg_postmaster_start_time()'


def play(seed: int, targets: int = 2000) -> Outcome:
    """Raises LabError when an event could not be made to happen, or the run does not end in time."""
    config = {'PLUGINS_CONFIG': {'netbox_netops': SETTINGS}}
    with Lab('chaos', settings=config, env={'NETOPS_SECRET_BENCH': COMMUNITY}) as lab:
        log = lab.run.path / 'packets'
        with Fleet(lab.run, PORTS, PEERS, delay=DELAY, log=log) as fleet:
            lab.netbox.python('-m', 'tests.e2e.chaos.inventory', str(fleet.port), str(targets), str(SMALL))
            try:
                return _Play(lab, seed, targets, log).run()
            except LabError as error:
                logs = [child.log_tail() for child in Child.running() if child.name.startswith(('worker', 'scheduler'))]
                raise LabError('\n'.join([f'seed {seed}: {error}', *logs])) from error


class _Play:
    def __init__(self, lab: Lab, seed: int, targets: int, log: Path) -> None:
        self.lab, self.seed, self.targets, self.log = lab, seed, targets, log
        self.chance = random.Random(seed)
        # The worker that had a power cut or SIGTERM: the other one gets the other.
        self.ended = ''
        self.plant = Plant(lab)
        self.query = self.plant.query

    def run(self) -> Outcome:
        plant = self.plant
        plant.start()
        self.run_id = plant.run_id = json.loads(self.lab.netbox.python('-m', 'benchmarks._netbox', 'scan'))['run']
        begun = time.monotonic()
        plant.deadline = begun + LONGEST
        plant.until(lambda: self._count(DONE) > self.targets // 40, 'the first results')
        events = self._events()
        for event in events:
            name = event.__name__.strip('_')
            say(f'  {time.monotonic() - begun:5.1f} s  {self._count(DONE):5d} done  {name}')
            event()
            if self.query(FINISHED, self.run_id):
                raise LabError(f'the run was over when this happened: {name}')
            plant.pause(self.chance.uniform(*PAUSE))
        plant.until(lambda: self.query(FINISHED, self.run_id), 'the end of the run')
        seconds = time.monotonic() - begun
        plant.rest()
        # Core jobs are closed, and the system job brought back, by ticks after that.
        plant.deadline = time.monotonic() + SETTLING
        stuck_leases, stuck_jobs = self._settle()
        say(f'  {time.monotonic() - begun:5.1f} s  at rest')
        return self._outcome(round(seconds, 1), len(events), stuck_leases, stuck_jobs)

    def _events(self) -> list[Callable[[], None]]:
        events = [
            self._kill_a_work_horse,
            self._kill_the_parent_of_a_work_horse,
            self._cut_the_power_of_one_worker,
            self._terminate_another_worker,
            self._freeze_a_worker,
            self._let_a_job_time_out,
            self._freeze_redis,
            self._restart_postgres,
            self._kill_the_scheduler,
        ]
        emptying = [self._restart_redis, self._flush_redis]
        self.chance.shuffle(events)
        self.chance.shuffle(emptying)
        # After one of these there would be no entry to remove.
        emptying.insert(0, self._remove_the_entry_of_the_tick)
        places = sorted(self.chance.sample(range(EARLY), len(emptying)))
        for place, event in zip(places, emptying, strict=True):
            events.insert(place, event)
        return events

    # Events of the workers

    def _kill_a_work_horse(self) -> None:
        horse = self._caught(*WORKERS)
        self._say('SIGKILL of the work-horse', horse)
        self.plant.kill(horse.server, horse.pid)

    def _kill_the_parent_of_a_work_horse(self) -> None:
        horse = self._caught(*WORKERS)
        self._say('SIGKILL of the parent', horse)
        self.plant.orphan(horse.pid)
        self.plant.kill(horse.server, horse.server.pid)
        send(horse.pid, signal.SIGCONT)

    def _cut_the_power_of_one_worker(self) -> None:
        horse = self._other()
        self._say('SIGKILL of all processes', horse)
        below = [pid for pid, _born in descendants(horse.server.pid)]
        self.plant.kill(horse.server, horse.server.pid, *below)

    def _terminate_another_worker(self) -> None:
        horse = self._other()
        self._say('SIGTERM', horse)
        send(horse.server.pid, signal.SIGTERM)
        send(horse.pid, signal.SIGCONT)
        self.plant.until(lambda: not horse.server.alive, f'the warm stop of {horse.server.name}', 40)
        held, _attempt = self.plant.held(horse.pid)
        if horse.server.returncode or held:
            status = horse.server.returncode
            raise LabError(f'{horse.server.name} ended with status {status}, and kept {len(held)} targets')

    def _freeze_a_worker(self) -> None:
        # One that is frozen while it writes makes others that write to the same run wait, until they lose theirs.
        horse = self._caught(*WORKERS, everywhere=True)
        self._say('SIGSTOP', horse)
        self.plant.freeze(horse, FROZEN)

    def _let_a_job_time_out(self) -> None:
        """RQ's time-out lies minutes above everything else; here its alarm rings early. What it does is the same."""
        horse = self._caught(*WORKERS)
        self._say('SIGALRM', horse)
        before = self._count_of(TIMED_OUT_JOBS)
        send(horse.pid, signal.SIGALRM)
        send(horse.pid, signal.SIGCONT)
        self.plant.until(lambda: self._count_of(TIMED_OUT_JOBS) > before, 'the end of a job by its time-out', 30)

    def _other(self) -> Horse:
        horse = self._caught(*(name for name in WORKERS if name != self.ended))
        self.ended = horse.name
        return horse

    def _caught(self, *names: str, everywhere: bool = False) -> Horse:
        names = self.chance.sample(names, len(names))
        return self.plant.caught(names, self._nothing_is_final if everywhere else self._costs_nothing)

    @staticmethod
    def _costs_nothing(horse: Horse) -> bool:
        """Whether none of its targets is at its last attempt.

        Whoever holds targets and dies costs each of them an attempt; one whose worker died in every attempt is closed,
        by design, since it may be what kills the workers. Three attempts, as in production, stand two such events, and
        here there are five. So what lost two of them is left alone in the third, and all can succeed.
        """
        return horse.attempt < ATTEMPTS

    def _nothing_is_final(self, _horse: Horse | None = None) -> bool:
        """The same for all targets of the run: for what costs an attempt wherever they are."""
        return not self._count(LAST_ATTEMPTS)

    def _say(self, what: str, horse: Horse) -> None:
        say(f'           {what}: {horse.server.name}, holding {len(horse.tokens)} targets, attempt {horse.attempt}')

    # Events of the others

    def _restart_redis(self) -> None:
        before = self.plant.redis().info('server')['run_id']
        self.lab.valkey.restart()
        if self.plant.redis().info('server')['run_id'] == before:
            raise LabError('Redis did not restart')

    def _flush_redis(self) -> None:
        if not self.plant.redis().dbsize():
            raise LabError('there was nothing in Redis to forget')
        mark = f'chaos:{self.seed}'
        self.plant.redis().set(mark, '1')
        self.lab.valkey.flush()
        if self.plant.redis().exists(mark):
            raise LabError('Redis did not forget')

    def _freeze_redis(self) -> None:
        pid = self.lab.valkey.child.pid
        send(pid, signal.SIGSTOP)
        try:
            self.plant.pause(REDIS_FROZEN)
            if state(pid) != 'T':
                raise LabError('Redis was not frozen')
        finally:
            send(pid, signal.SIGCONT)
        self.plant.redis().ping()

    def _restart_postgres(self) -> None:
        # Whoever writes at that moment ends, and his targets wait for the end of their leases.
        self.plant.until(self._nothing_is_final, 'a moment in which no target is at its last attempt', 60)
        before = self._count_of(POSTGRES_STARTED)
        self.lab.cluster.stop()
        self.lab.cluster.start()
        if self._count_of(POSTGRES_STARTED) == before:
            raise LabError('PostgreSQL did not restart')

    def _remove_the_entry_of_the_tick(self) -> None:
        client = self.plant.redis()

        def removed() -> bool:
            for (job,) in self.query(TICK_JOBS):
                waits = client.lrem('rq:queue:low', 0, job) + client.zrem('rq:scheduled:low', job)
                if waits:
                    return client.delete(f'rq:job:{job}') == 1
            return False

        self.plant.until(removed, 'an entry of the system job that waits', 30)

    def _kill_the_scheduler(self) -> None:
        server = self.plant.servers['scheduler']
        self.plant.until(server.ready, 'a scheduler at work', 30)
        self.plant.kill(server, server.pid)

    # What came of it

    def _settle(self) -> tuple[int, int]:
        """Wait until no lease and no core job is stuck; their numbers when the last look was taken."""
        stuck = (0, 0)

        def at_rest():
            nonlocal stuck
            # One that has just ended is for a moment neither at work nor queued again.
            stuck = self._count_of(STUCK_LEASES), self._count_of(OPEN_JOBS) + (not self._ticks())
            return stuck == (0, 0)

        try:
            self.plant.until(at_rest, 'rest')
        except LabError as error:
            # The outcome tells what is not at rest.
            say(str(error))
        return stuck

    def _ticks(self) -> bool:
        """Whether the system job of the tick is known to Redis, once."""
        jobs = [job for (job,) in self.query(TICK_JOBS)]
        return len(jobs) == 1 and self.plant.redis().exists(f'rq:job:{jobs[0]}') == 1

    def _outcome(self, seconds: float, events: int, stuck_leases: int, stuck_jobs: int) -> Outcome:
        for state_, code, attempt, number in self.query(STATES, self.run_id):
            say(f'  {number:5d} {state_} {code} (attempt {attempt})')
        # The devices write down what they heard every half second.
        owners = self.plant.until(lambda: self._owners(), f'the packets of {self.targets} devices', 5)
        say(f'  {sum(number > 1 for number in owners.values())} devices heard more than one owner')
        return Outcome(
            seed=self.seed,
            targets=self.targets,
            final=self._count(DONE),
            succeeded=self._count(SUCCEEDED),
            duplicates=sum(1 for _each in duplicates(self.log)),
            lost=self.query(LOST, self.run_id, 'fleet-%', PORTS, PEERS)[0][0],
            overwritten=self._count(OVERWRITTEN),
            stuck_leases=stuck_leases,
            stuck_jobs=stuck_jobs,
            events=events,
            seconds=seconds,
        )

    def _owners(self) -> dict[str, int]:
        """How many owners each device had, once all of them have been heard of."""
        owners = heard(self.log)
        return owners if len(owners) >= self.targets else {}

    def _count(self, statement: str) -> int:
        return self.query(statement, self.run_id)[0][0]

    def _count_of(self, statement: str):
        return self.query(statement)[0][0]
