"""Redis when it is frozen: nobody waits long for it, with rows locked or without, and nothing is lost by it."""

import multiprocessing
import os
import signal
import threading
import time
from contextlib import contextmanager
from unittest import mock

import redis
from django.db import connections
from django.test import SimpleTestCase, TransactionTestCase
from django_rq import get_connection
from django_rq.settings import QUEUES
from redis.sentinel import SentinelConnectionPool

from lab.runs import RunDirectory
from lab.valkey import Valkey, free_port
from netbox_netops import health, lifecycle
from netbox_netops.limiting import Limiting, get_limits
from netbox_netops.metrics import scrape
from netbox_netops.models import Run, RunTarget
from netbox_netops.quick_redis import quick_redis
from netbox_netops.settings import get_settings
from netbox_netops.telemetry import note_tick
from netops_worker.limits import Limits
from tests.integration.core.runs import in_threads, make_run
from tests.integration.factories import make_site

# Seconds that one question to a frozen Redis may take, on a busy machine.
PATIENCE = 1.5


@contextmanager
def queues_at(**values):
    """Within, the queues are in another Redis."""
    with mock.patch.dict(QUEUES['default'], values):
        quick_redis.cache_clear()
        try:
            yield
        finally:
            quick_redis.cache_clear()


class ConnectionTest(SimpleTestCase):
    def options(self, **values):
        for name in ('HOST', 'PORT', 'URL', 'SENTINELS'):
            values.setdefault(name, None)
        config = {name: value for name, value in (QUEUES['default'] | values).items() if value is not None}
        with mock.patch.dict(QUEUES, {'default': config}):
            quick_redis.cache_clear()
            self.addCleanup(quick_redis.cache_clear)
            return quick_redis().connection_pool

    def check(self, pool):
        connection = pool.make_connection()
        self.assertEqual((connection.socket_timeout, connection.socket_connect_timeout), (1.0, 1.0))
        self.assertEqual(connection.retry.get_retries(), 0)
        return connection

    def test_tls_password_and_database(self):
        values = {'HOST': 'redis.example', 'PORT': 1, 'SSL': True, 'PASSWORD': 'p', 'USERNAME': 'u', 'DB': 7}
        values['REDIS_CLIENT_KWARGS'] = {'ssl_ca_certs': '/ca.pem', 'socket_timeout': 300}
        connection = self.check(self.options(**values))
        self.assertIsInstance(connection, redis.SSLConnection)
        self.assertEqual((connection.host, connection.port, connection.db), ('redis.example', 1, 7))
        self.assertEqual((connection.username, connection.password, connection.ca_certs), ('u', 'p', '/ca.pem'))

    def test_url(self):
        connection = self.check(self.options(URL='rediss://u:p@redis.example:2/3', DB=5))
        self.assertIsInstance(connection, redis.SSLConnection)
        self.assertEqual((connection.host, connection.port, connection.password), ('redis.example', 2, 'p'))

    def test_sentinel(self):
        """Also the sentinels themselves are not waited for."""
        pool = self.options(
            SENTINELS=[('127.0.0.1', 1), ('127.0.0.1', 2)],
            MASTER_NAME='mymaster',
            SOCKET_TIMEOUT=None,
            CONNECTION_KWARGS={'socket_connect_timeout': 10},
            PASSWORD='p',
        )
        self.assertIsInstance(pool, SentinelConnectionPool)
        self.assertEqual((pool.service_name, self.check(pool).password), ('mymaster', 'p'))
        for sentinel in pool.sentinel_manager.sentinels:
            self.check(sentinel.connection_pool)

    def test_one_for_the_process(self):
        self.assertIs(quick_redis(), quick_redis())
        self.assertIsNot(get_limits(), get_limits())

    def test_a_fork_does_not_share_its_connection(self):
        """What one of them is told is not for the other."""
        own = quick_redis().client_id()
        queue = multiprocessing.get_context('fork').SimpleQueue()
        child = multiprocessing.get_context('fork').Process(target=lambda: queue.put(quick_redis().client_id()))
        child.start()
        self.addCleanup(child.kill)
        self.assertNotEqual(queue.get(), own)
        child.join(20)
        self.assertEqual(quick_redis().client_id(), own)

    def test_a_connection_that_was_closed_is_replaced(self):
        """Though nothing is asked twice."""
        closed = quick_redis().client_id()
        with get_connection('default') as other:
            other.client_kill_filter(_id=closed)
        self.assertNotEqual(quick_redis().client_id(), closed)


class FrozenTest(TransactionTestCase):
    """With a Valkey of its own, which is stopped as a process: it takes connections and does not answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.valkey = Valkey(cls.enterClassContext(RunDirectory('frozen')))
        cls.enterClassContext(cls.valkey)

    def setUp(self):
        self.valkey.flush()
        self.enterContext(queues_at(HOST='127.0.0.1', PORT=self.valkey.port, DB=0))
        self.site = make_site()
        self.run_ = make_run(4, site=self.site)
        # The connection exists, and the scripts are known.
        (self.first,) = self.take(1).claims

    @contextmanager
    def frozen(self):
        os.kill(self.valkey.child.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.valkey.child.pid, signal.SIGCONT)

    def take(self, limit=10) -> lifecycle.Claimed:
        limiting = Limiting.of(Run.objects.get(pk=self.run_.pk), get_settings())
        return lifecycle.claim(self.run_.pk, limit, worker='w', lease_seconds=60, limiting=limiting)

    def usage(self):
        return get_limits().usage([f'site:{self.site.pk}'])[f'site:{self.site.pk}']

    def states(self):
        return list(self.run_.targets.order_by('pk').values_list('state', 'attempt'))

    def timed(self, function, most):
        begun = time.monotonic()
        try:
            return function()
        finally:
            self.assertLess(time.monotonic() - begun, most)

    def test_a_cancel_does_not_wait_for_a_claim_that_waits_for_redis(self):
        asked = threading.Event()
        acquire = Limits.acquire

        def ask(limits, *arguments):
            asked.set()
            return acquire(limits, *arguments)

        def cancel():
            self.assertTrue(asked.wait(30))
            # Until the claim lets go of its rows, and once more for the totals after the commit.
            return self.timed(lambda: lifecycle.cancel_run(self.run_.pk, None), 2 * PATIENCE)

        with (
            self.frozen(),
            mock.patch.object(Limits, 'acquire', ask),
            self.assertLogs('netbox.netbox_netops', 'WARNING'),
        ):
            claimed, cancelled = in_threads(self.take, cancel)
        self.assertEqual((claimed, cancelled), (lifecycle.Claimed([], 2.0), 4))
        self.assertEqual(self.states(), [('running', 1), *[('cancelled', 0)] * 3])
        self.assertTrue(RunTarget.objects.get(pk=self.first.id).cancel)
        lifecycle.hand_back([(self.first.id, self.first.lease_token)], Limiting.of(self.run_, get_settings()))
        self.run_.refresh_from_db()
        self.assertEqual(self.run_.status, 'cancelled')

    def test_what_was_granted_too_late_is_given_back(self):
        """Redis does what it was asked for when it wakes up: nobody has heard that it did."""
        with self.frozen(), self.assertLogs('netbox.netbox_netops.lifecycle', 'ERROR'):
            taken = self.timed(self.take, PATIENCE)
        self.assertEqual(taken, lifecycle.Claimed([], 2.0))
        self.assertEqual(self.states(), [('running', 1), *[('waiting', 0)] * 3])
        deadline = time.monotonic() + 20
        while self.usage() < 4:
            self.assertLess(time.monotonic(), deadline, 'the request that was given up did nothing')
        # This one still meets the locks of the devices; what holds them is given back then.
        self.assertEqual(self.take().claims, [])
        self.assertEqual(self.usage(), 1)
        self.assertEqual(len(self.take().claims), 3)
        self.assertEqual(self.states(), [('running', 1)] * 4)
        self.assertEqual((self.usage(), len(self.valkey.client().keys('netops:lock:device:*'))), (4, 4))

    def test_nothing_is_given_back_twice(self):
        """Nor is what was asked for after it."""
        with self.frozen(), self.assertLogs('netbox.netbox_netops.lifecycle', 'ERROR'):
            self.take()
        while not self.take().claims:
            pass
        self.assertEqual(self.take().claims, [])
        self.assertEqual(self.usage(), 4)

    def test_whatever_else_asks_redis(self):
        def notes():
            with self.assertLogs('netbox.netbox_netops.telemetry', 'WARNING'):
                note_tick()

        def metrics():
            with self.assertLogs('netbox.netbox_netops.overview', 'WARNING'):
                self.assertIn(b'netops_redis_up 0.0', scrape('')[0])

        def healthy():
            with self.assertLogs('netbox.netbox_netops.health', 'WARNING'):
                return health._Check('redis', health._redis).start().result(10).ok

        with self.frozen():
            for function in (notes, metrics, healthy):
                with self.subTest(function.__name__):
                    self.assertFalse(self.timed(function, PATIENCE))
        connections.close_all()

    def test_nobody_listens(self):
        with (
            queues_at(HOST='127.0.0.1', PORT=free_port(), DB=0),
            self.assertLogs('netbox.netbox_netops.lifecycle', 'ERROR'),
        ):
            taken = self.timed(self.take, PATIENCE)
        self.assertEqual(taken, lifecycle.Claimed([], 2.0))
        self.assertEqual(len(self.take().claims), 3)
