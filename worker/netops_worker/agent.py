"""The external worker: claims the work of its gateway over REST, probes, and reports. Woken by the doorbell.

It needs nothing of NetBox but the URL, and survives NetBox, Redis and the path to either being away.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from netops_worker.clients.netbox import NetBoxClient
from netops_worker.doorbell import WAKE, Listener, queue_name
from netops_worker.engine import Engine, EngineLimits
from netops_worker.errors import NetOpsError
from netops_worker.log import get_logger
from netops_worker.probes.base import Probe
from netops_worker.rest import RestSink, RestSource
from netops_worker.secrets import Secret, SecretResolver
from netops_worker.stopping import Bell, Stop

__all__ = (
    'Agent',
    'AgentOptions',
)

logger = get_logger('netops_worker.agent')

# What is kept of the grace period for reporting what the probes brought, in seconds.
_REPORT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """`poll`: seconds after which NetBox is asked though the bell did not ring. `grace`: seconds from the request to
    stop to the end; what still runs shortly before is handed back. `redis_url`: of the doorbell, if there is one.
    """

    worker: str
    poll: float = 30.0
    grace: float = 20.0
    concurrency: int = 256
    redis_url: Secret | None = None


class Agent:
    """`stop` and `bell` may be used by signal handlers and other threads while `run` is at work."""

    def __init__(
        self,
        client: NetBoxClient,
        probes: Mapping[str, Probe],
        resolver: SecretResolver,
        options: AgentOptions,
        *,
        stop: Stop,
    ) -> None:
        self.stop = stop
        self.bell = Bell()
        self._client = client
        self._options = options
        self._source = RestSource(client, tuple(probes), bell=self.bell, poll=options.poll)
        self._engine = Engine(
            self._source,
            RestSink(client, self._source),
            probes,
            resolver,
            worker=options.worker,
            limits=EngineLimits(concurrency=options.concurrency),
        )

    def run(self, *, once: bool = False) -> None:
        """Work until `stop` is requested; with `once` until nothing is claimable.

        Raises NetOpsError when NetBox refuses this worker at the start, with `once` also when it cannot be reached.
        """
        slug = self._introduce(once)
        if slug is None:
            return
        logger.info('serving the gateway %s', slug)
        listener = self._listen(slug)
        try:
            while not self.stop.requested:
                self._work()
                if once:
                    if self._source.error:
                        raise self._source.error
                    return
                if self.bell.wait(self._source.seconds_to_ask):
                    self._source.ask()
        finally:
            if listener is not None:
                listener.close()
        logger.info('stopped')

    def _introduce(self, once: bool) -> str | None:
        """The slug of the gateway, when NetBox answers; None when it did not before the stop was requested."""
        pause = 1.0
        while not self.stop.requested:
            try:
                _cancelled, slug = self._client.control([])
                return slug
            except NetOpsError as error:
                if once or error.code != 'gateway:unreachable':
                    raise
                logger.warning('%s; trying again in %.0f s', error, pause)
            self.bell.wait(pause)
            pause = min(pause * 2, self._options.poll)
        return None

    def _listen(self, slug: str) -> Listener | None:
        if self._options.redis_url is None:
            return None
        listener = Listener(
            self._options.redis_url, queue_name(slug), {WAKE: self.bell.ring}, worker=self._options.worker
        )
        listener.start()
        return listener

    def _work(self) -> None:
        grace = max(0.0, self._options.grace - _REPORT_SECONDS)
        begin = time.monotonic()
        stats = self._engine.run(lambda: self.stop.requested, grace=grace)
        if not stats.claimed:
            return
        logger.info(
            '%d targets claimed in %.1f s: %d succeeded, %d failed, %d handed back',
            stats.claimed, time.monotonic() - begin, stats.ok, stats.failed, stats.handed_back,
        )  # fmt: skip
        if lost := stats.claimed - stats.accepted - stats.handed_back:
            logger.warning('%d results came after the end of their lease or were not accepted', lost)
