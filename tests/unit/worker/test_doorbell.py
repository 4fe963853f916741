"""The doorbell calls what it knows, and nothing else, whatever somebody puts into its queue. With a real Valkey."""

import pickle
import threading
import time

import pytest
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from lab.runs import RunDirectory
from lab.valkey import Valkey, free_port
from netops_worker.doorbell import WAKE, Listener, queue_name, ring
from netops_worker.secrets import Secret
from netops_worker.stopping import Bell, Stop


@pytest.fixture(scope='module')
def valkey():
    with RunDirectory('doorbell') as run, Valkey(run) as valkey:
        yield valkey


@pytest.fixture
def client(valkey):
    client = valkey.client(3)
    client.flushdb()
    yield client
    client.close()


@pytest.fixture
def bell(valkey, client):
    """Rung by a listener at the queue of the gateway gru."""
    bell = Bell()
    listener = Listener(Secret(f'redis://127.0.0.1:{valkey.port}/3'), queue_name('gru'), {WAKE: bell.ring}, worker='w1')
    listener.start()
    yield bell
    listener.close()
    # What wakes it, since it listens for seconds at a time.
    ring(client, 'gru')
    listener._thread.join(10)
    assert not listener._thread.is_alive()


def test_a_ring_is_heard_and_leaves_nothing(client, bell):
    assert ring(client, 'gru')
    assert bell.wait(10)
    assert not bell.rung()
    assert not [key for key in client.scan_iter() if key != b'rq:queues']


def test_rings_of_other_gateways_are_not_heard(client, bell):
    ring(client, 'other')
    ring(client, 'gru')
    assert bell.wait(10)
    assert client.llen('rq:queue:netops-gateway-other') == 1


def test_rings_do_not_pile_up(client):
    assert [ring(client, 'gru') for _number in range(3)] == [True, False, False]
    assert client.llen('rq:queue:netops-gateway-gru') == 1


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, 'w')


def push(client, job_id, **fields):
    """What anybody can write who can write to the Redis."""
    if fields:
        client.hset(f'rq:job:{job_id}', mapping=fields)
    client.rpush('rq:queue:netops-gateway-gru', job_id)


@pytest.mark.parametrize(
    'name', ['os.system', 'netops_worker.agent.Agent', 'netops_worker.agent.wake2', 'builtins.print', 'x' * 5000]
)
def test_other_functions_are_refused(client, bell, name, caplog, capsys):
    """They are neither imported nor called."""
    queue = Queue(queue_name('gru'), connection=client, serializer=JSONSerializer)
    queue.enqueue(name, 'touch me')
    ring_after_that(client, bell)
    assert 'is refused' in caplog.text
    assert capsys.readouterr().out == ''
    assert not [key for key in client.scan_iter() if key != b'rq:queues']


def test_pickles_are_not_opened(client, bell, tmp_path, caplog):
    path = tmp_path / 'opened'
    bomb = pickle.dumps((WAKE, None, (Bomb(path),), {}))
    pickle.loads(bomb)[2][0].close()  # noqa: S301
    assert path.exists()
    path.unlink()
    push(client, 'a', data=bomb, created_at='2026-01-01T00:00:00.000000Z', status='queued')
    ring_after_that(client, bell)
    assert not path.exists()
    assert 'DeserializationError' in caplog.text


@pytest.mark.parametrize(
    'fields',
    [
        {},
        {'data': b'\x80\x04garbage'},
        {'data': b'[1, 2]'},
        {'data': b'["", null, [], {}]'},
        {'data': b'[{"a": 1}, null, [], {}]'},
        {'data': b'["x", null, [], {}]', 'status': 'odd'},
        {'data': b'["x", null, [], {}]', 'created_at': 'yesterday'},
        {'data': b'["x", null, [], {}]', 'meta': b'\xff'},
        {'data': b'["x", null, [], {}]', 'dependency_ids': b'{'},
    ],
)
def test_damaged_jobs_are_passed_over(client, bell, fields, caplog):
    """A ring behind them is heard all the same."""
    push(client, 'a', **fields)
    ring_after_that(client, bell)
    assert 'in the queue of the doorbell is' in caplog.text
    assert not client.exists('rq:job:a')


def test_ids_that_are_no_text(client, bell):
    push(client, b'\xff\xfe')
    ring_after_that(client, bell)


def ring_after_that(client, bell):
    """Ring behind what is in the queue, and hear that."""
    job = Job.create(WAKE, connection=client, serializer=JSONSerializer)
    Queue(queue_name('gru'), connection=client, serializer=JSONSerializer).enqueue_job(job)
    assert bell.wait(10)


def test_redis_goes_away_and_comes_back(valkey, client, bell, caplog):
    caplog.set_level('INFO')
    ring(client, 'gru')
    assert bell.wait(10)
    valkey.stop()
    while 'no doorbell, NetBox is polled' not in caplog.text:
        threading.Event().wait(0.05)
    valkey.start()
    ring(client, 'gru')
    assert bell.wait(20)


def test_the_password_is_not_logged(caplog):
    """Not even by a Redis that is not there."""
    url = Secret(f'redis://:canary-pw@127.0.0.1:{free_port()}/0')
    listener = Listener(url, queue_name('gru'), {}, worker='w1')
    listener.start()
    while 'no doorbell' not in caplog.text:
        threading.Event().wait(0.05)
    listener.close()
    listener._thread.join(10)
    assert 'canary' not in caplog.text


def test_bell_and_stop_from_another_thread():
    """A ring before the wait counts, several count once, and a stop ends a pause once it is asked for."""
    bell = Bell()
    assert not bell.rung()
    for _number in range(3):
        bell.ring()
    assert bell.wait(0)
    assert not bell.rung()
    stop = Stop(5.0)
    assert not stop.requested
    threading.Timer(0.1, stop.request).start()
    begin = time.monotonic()
    stop.wait(30)
    assert time.monotonic() - begin < 10
    assert stop.requested
    first = stop.deadline
    stop.request()
    assert stop.deadline == first
