"""The doorbell rings where there is work, once, and nobody waits for a Redis that is away."""

import os
import socket
import time

import redis
from django.test import TransactionTestCase
from rq import Queue
from rq.serializers import JSONSerializer

from netbox_netops.dispatch import enqueue, ring
from netbox_netops.lifecycle import pause
from netbox_netops.models import RunTarget
from netops_worker.doorbell import WAKE, queue_name
from tests.integration.factories import make_gateway, make_site, make_target


class DoorbellTest(TransactionTestCase):
    def setUp(self):
        port, number = os.environ['NETOPS_LAB_REDIS_PORT'], os.environ['NETOPS_LAB_REDIS_DATABASES'].split(',')[1]
        self.redis = redis.Redis(port=int(port), db=int(number))
        self.configure(lisbon=f'redis://127.0.0.1:{port}/{number}')
        self.site = make_site('A')
        self.gateway = make_gateway('Lisbon', sites=[self.site])
        self.target = make_target('a', site=self.site)

    def configure(self, **urls):
        context = self.settings(PLUGINS_CONFIG={'netbox_netops': {'gateway_redis': urls}})
        context.enable()
        self.addCleanup(context.disable)

    def scan(self, **values):
        return enqueue('device-scan', user=None, devices=[self.target.device_id], **values).run

    def rings(self, slug='lisbon'):
        queue = Queue(queue_name(slug), connection=self.redis, serializer=JSONSerializer)
        return [job.func_name for job in queue.jobs]

    def test_new_work_rings(self):
        self.scan()
        self.assertEqual(self.rings(), [WAKE])

    def test_one_ring_waits_at_most(self):
        run = self.scan()
        ring(run)
        ring(run)
        self.assertEqual(self.rings(), [WAKE])

    def test_no_ring_without_work_for_the_gateway(self):
        other = make_target('b', site=make_site('B'))
        enqueue('device-scan', user=None, devices=[other.device_id])
        self.assertEqual(self.rings(), [])
        run = self.scan()
        self.redis.flushdb()
        for change in ({'state': 'succeeded'}, {'state': 'waiting', 'cancel': True}):
            RunTarget.objects.update(**change)
            ring(run)
            self.assertEqual(self.rings(), [])

    def test_no_ring_while_the_kind_is_paused(self):
        pause('device-scan', None)
        self.scan()
        self.assertEqual(self.rings(), [])

    def test_no_ring_at_a_gateway_that_is_disabled(self):
        run = self.scan()
        self.redis.flushdb()
        type(self.gateway).objects.update(enabled=False)
        ring(run)
        self.assertEqual(self.rings(), [])

    def test_work_that_a_gateway_takes_over_rings(self):
        other = make_target('b', site=make_site('B'))
        enqueue('device-scan', user=None, devices=[other.device_id])
        self.gateway.sites.add(other.site)
        self.assertEqual(self.rings(), [WAKE])

    def test_one_gateway_without_redis_does_not_keep_the_others_waiting(self):
        """One that refuses the connection, and one that accepts it and says nothing."""
        with socket.create_server(('127.0.0.1', 0)) as silent, socket.create_server(('127.0.0.1', 0)) as closed:
            refused = closed.getsockname()[1]
            closed.close()
            urls = {
                'lisbon': f'redis://127.0.0.1:{self.redis.connection_pool.connection_kwargs["port"]}/'
                f'{self.redis.connection_pool.connection_kwargs["db"]}',
                'porto': f'redis://:canary-pw@127.0.0.1:{silent.getsockname()[1]}/0',
                'faro': f'redis://:canary-pw@127.0.0.1:{refused}/0',
            }
            self.configure(**urls)
            devices = [self.target.device_id]
            for name in ('Porto', 'Faro'):
                site = make_site(name)
                make_gateway(name, sites=[site])
                devices.append(make_target(name, site=site).device_id)
            begin = time.monotonic()
            with self.assertLogs('netbox.netbox_netops.doorbell', 'WARNING') as logs:
                run = enqueue('device-scan', user=None, devices=devices).run
            self.assertLess(time.monotonic() - begin, 4)
        self.assertEqual(self.rings(), [WAKE])
        self.assertEqual(run.targets.filter(gateway__isnull=False).count(), 3)
        self.assertTrue(any('faro' in line for line in logs.output))
        self.assertNotIn('canary-pw', ''.join(logs.output))
