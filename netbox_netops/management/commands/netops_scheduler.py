import signal

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from redis.exceptions import RedisError

from netbox_netops.jobs.tick import tick
from netops_worker.log import get_logger
from netops_worker.stopping import Stop

logger = get_logger('netbox.netbox_netops.scheduler')

# Servers that are away: it goes on when they are back, however long that takes.
_AWAY = (InterfaceError, OperationalError, RedisError)
# So many ticks in a row with any other error end the process: its supervisor is to see that something is wrong.
_MOST_FAILURES = 5
# Seconds between two ticks at most, after failures.
_LONGEST_PAUSE = 30.0


class Command(BaseCommand):
    help = (
        'Runs the NetOps tick: expires overdue work, takes back lost leases, wakes workers. Several may run. Goes on '
        'when PostgreSQL or Redis are back; ends with an error after 5 ticks in a row with any other one, and is '
        'meant to be started again by what supervises it.'
    )

    def add_arguments(self, parser):
        parser.add_argument('--interval', type=float, default=2.0, help='Seconds between two ticks (default: 2)')
        parser.add_argument('--once', action='store_true', help='Run one tick and exit')

    def handle(self, *args, interval, once, **options):
        if once:
            self.stdout.write(str(tick()))
            return
        # Its request is safe in a signal handler, whatever the process is at.
        stop = Stop(grace=0.0)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.request())
        self.stdout.write(f'NetOps scheduler: a tick every {interval:g} s')
        pause, defects = interval, 0
        while not stop.requested:
            try:
                tick()
            except Exception as error:
                # The next tick has new connections.
                connections.close_all()
                defects = 0 if isinstance(error, _AWAY) else defects + 1
                if defects == _MOST_FAILURES:
                    raise
                logger.exception('The tick failed: the next one in %g s', pause)
                stop.wait(pause)
                pause = max(interval, min(pause * 2, _LONGEST_PAUSE))
            else:
                close_old_connections()
                pause, defects = interval, 0
                stop.wait(interval)
