"""Log lines of the plugin say which request, run and target they belong to, and never show a secret."""

import io
import json
import logging
import logging.config
import re
import time
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from unittest import mock

import django_rq
from django.test import TestCase, TransactionTestCase
from django.urls import reverse
from users.models import User
from utilities.testing import TestCase as UserTestCase

from netbox_netops.dispatch import enqueue
from netbox_netops.jobs.device_scan import DeviceScanJob
from netbox_netops.models import Run, RunTarget
from netops_worker.log import LOG_FIELDS, JsonFormatter, get_logger
from netops_worker.secrets import Secret
from tests.integration.factories import make_credential, make_target

CANARY = 'canary-7a1c0e'
DOCS = Path(__file__).parents[3] / 'docs/how-to/monitor.md'


@contextmanager
def json_lines(*names):
    """The lines that these loggers write, parsed; while the block runs they write as the documentation says."""
    stream, lines = io.StringIO(), []
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
        lines.extend(map(json.loads, stream.getvalue().splitlines()))


class EveryLoggerTest(TestCase):
    def test_all_are_redacted_whatever_handlers_there_are(self):
        names = set()
        for path in (Path(__file__).parents[3] / 'netbox_netops').rglob('*.py'):
            source = path.read_text()
            self.assertNotIn('logging.getLogger(', source, f'{path.name}: get_logger of netops_worker.log redacts')
            names.update(re.findall(r"get_logger\('([\w.]+)'\)", source))
        self.assertIn('netbox.netbox_netops.dispatch', names)
        for name in names:
            self.assertTrue(name.startswith('netbox.netbox_netops.'), name)

    def test_a_line_of_theirs(self):
        logger = get_logger('netbox.netbox_netops.dispatch')
        secret = Secret(CANARY).reveal()
        with json_lines(logger.name) as lines, self.assertLogs(logger.parent, 'INFO') as plain:
            logger.info('login with %s', secret)
            try:
                raise ValueError(f'no login with {secret}')
            except ValueError:
                logger.exception('it failed')
        self.assertEqual((len(lines), len(plain.output)), (2, 2))
        for text in (json.dumps(lines), ' '.join(plain.output)):
            self.assertIn('login with **********', text)
            self.assertNotIn(CANARY, text)


class RequestTest(UserTestCase):
    user_permissions = ('netbox_netops.netops_sync_target', 'netbox_netops.view_target')

    def test_a_line_written_in_a_request_has_its_id(self):
        logger = get_logger('netbox.netbox_netops.dispatch')
        real = enqueue

        def noting(*args, **kwargs):
            logger.info('here')
            return real(*args, **kwargs)

        with mock.patch('netbox_netops.dispatch.enqueue', noting), json_lines(logger.name) as lines:
            response = self.client.post(reverse('plugins:netbox_netops:target_sync'))
        (line,) = (line for line in lines if line['message'] == 'here')
        self.assertEqual(line['request'], response.headers['X-Request-ID'])
        self.assertEqual([line[name] for name in LOG_FIELDS if name != 'request'], [None] * 5)


class StartTest(TransactionTestCase):
    def test_the_job_belongs_to_the_request_that_started_it(self):
        self.client.force_login(User.objects.create_superuser('admin'))
        response = self.client.post(reverse('plugins:netbox_netops:target_sync'))
        (entry,) = django_rq.get_queue('low').jobs
        self.assertEqual(entry.kwargs['request_id'], response.headers['X-Request-ID'])


class JobTest(TestCase):
    def test_lines_of_a_job_have_the_ids_of_its_run_and_targets(self):
        """Those of the engine, of the job itself, and of what it calls."""
        secret = Secret(CANARY).reveal()
        make_credential()
        target = make_target(address='192.0.2.1')
        run = enqueue('device-scan', user=None, devices=[target.device_id]).run
        probing, storing = get_logger('netops_worker.probes'), get_logger('netbox.netbox_netops.results')

        async def probe(task, context):
            probing.info('asking with %s', secret)
            raise RuntimeError(f'broken by {secret}')

        with (
            mock.patch('netbox_netops.jobs.base.default_probes', return_value={'device-scan': probe}),
            mock.patch('netbox_netops.jobs.tick.tick', side_effect=partial(storing.info, 'ticking')),
            json_lines('netbox', 'netops_worker') as lines,
        ):
            DeviceScanJob.enqueue(instance=run, name='x', run=run.pk, request_id='r-1', immediate=True)
        row = RunTarget.objects.get()
        self.assertEqual((row.state, row.error_code), ('failed', 'internal:error'))
        found = {line['message']: line for line in lines}
        asking, failed, ticking = (
            found['asking with **********'],
            found['a probe failed unexpectedly'],
            found['ticking'],
        )
        for line in (asking, failed):
            self.assertEqual(
                {name: line[name] for name in LOG_FIELDS},
                {
                    'request': 'r-1',
                    'run': run.pk,
                    'target': target.pk,
                    'task': row.pk,
                    'attempt': 1,
                    'worker': row.worker,
                },
            )
        self.assertIn('RuntimeError: broken by **********', failed['exception'])
        self.assertEqual((ticking['request'], ticking['run'], ticking['target']), ('r-1', run.pk, None))
        claimed = next(line for line in lines if '1 targets claimed' in line['message'])
        self.assertEqual((claimed['logger'], claimed['run']), ('netbox.jobs.DeviceScanJob', run.pk))
        self.assertNotIn(CANARY, json.dumps(lines))
        self.assertEqual(Run.objects.get().status, 'failed')


class DocumentedConfigurationTest(TestCase):
    def test_the_example_writes_json(self):
        """The configuration in the documentation is one that works, and its lines are what is said there."""
        block = re.search(r'```python\n(LOGGING = .*?)```', DOCS.read_text(), re.DOTALL).group(1)
        names = {}
        exec(block, names)  # noqa: S102 (our own documentation)
        configured = names['LOGGING']
        stream = io.StringIO()
        for handler in configured['handlers'].values():
            handler['stream'] = stream
        names = tuple(configured['loggers'])
        before = {name: (list(logging.getLogger(name).handlers), logging.getLogger(name).level) for name in names}
        try:
            logging.config.dictConfig(configured | {'incremental': False})
            get_logger('netbox.netbox_netops.dispatch').warning('one %s', Secret(CANARY).reveal())
            logging.getLogger('netops_worker.engine').info('two')
        finally:
            for name, (handlers, level) in before.items():
                logging.getLogger(name).handlers[:] = handlers
                logging.getLogger(name).setLevel(level)
                logging.getLogger(name).propagate = True
        one, two = map(json.loads, stream.getvalue().splitlines())
        self.assertEqual((one['level'], one['message'], two['message']), ('WARNING', 'one **********', 'two'))
        self.assertLess(abs(time.time() - datetime.fromisoformat(one['time']).timestamp()), 60)
