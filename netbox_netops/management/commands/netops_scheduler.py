import signal
import threading

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from netbox_netops.jobs.tick import tick
from netops_worker.log import get_logger

logger = get_logger('netbox.netbox_netops.scheduler')


class Command(BaseCommand):
    help = 'Runs the NetOps tick: expires overdue work, takes back lost leases, wakes workers. Several may run.'

    def add_arguments(self, parser):
        parser.add_argument('--interval', type=float, default=2.0, help='Seconds between two ticks (default: 2)')
        parser.add_argument('--once', action='store_true', help='Run one tick and exit')

    def handle(self, *args, interval, once, **options):
        if once:
            self.stdout.write(str(tick()))
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(f'NetOps scheduler: a tick every {interval:g} s')
        while not stop.is_set():
            try:
                tick()
            except OperationalError:
                # The database restarts: the next tick has a new connection.
                logger.exception('The tick could not reach the database')
            close_old_connections()
            stop.wait(interval)
