"""The external worker: what it claims it reports or gives back, whatever becomes of NetBox meanwhile."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from netops_worker.agent import Agent, AgentOptions
from netops_worker.cli import main
from netops_worker.clients.netbox import NetBoxClient
from netops_worker.errors import NetOpsError
from netops_worker.probes import ProbeOutcome
from netops_worker.secrets import Secret, SecretResolver
from netops_worker.stopping import Stop
from netops_worker.wire import CredentialRef

from .agent import Agent as SnmpAgent
from .agent import system_objects
from .engine_cases import endless, trivial
from .netbox_fake import TOKEN, FakeNetBox, make_tasks

WORKER = Path(__file__).parents[3] / 'worker'


class Running:
    """An agent at work in a thread; leaving the context stops it."""

    def __init__(self, fake, probe=trivial, *, grace=10.0, **options):
        self.stop = Stop(grace)
        self.client = NetBoxClient(fake.url, Secret(TOKEN), 'gru', worker='w1', stop=self.stop, timeout=5.0)
        self.agent = Agent(
            self.client,
            {'device-scan': probe},
            SecretResolver({}),
            AgentOptions(worker='w1', grace=grace, **{'poll': 60.0, **options}),
            stop=self.stop,
        )
        self.error = None

    def run(self, **options):
        try:
            self.agent.run(**options)
        except NetOpsError as error:
            self.error = error

    def __enter__(self):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def end(self):
        self.stop.request()
        self.agent.bell.ring()
        self.thread.join(30)
        assert not self.thread.is_alive()

    def __exit__(self, *_exc):
        self.end()
        self.client.close()


@pytest.fixture
def fake():
    with FakeNetBox() as fake:
        yield fake


def test_once(fake):
    """With `once` everything that is claimable is done, and the agent ends."""
    fake.tasks = make_tasks(600)
    running = Running(fake)
    running.run(once=True)
    assert len(fake.results) == 600
    assert {result['worker'] for result in fake.results.values()} == {'w1'}
    assert fake.results[7]['data'] == {'echo': {'id': 7}}
    assert fake.results[7]['leaseToken'] == 'token-7'
    # Not a request for each target.
    assert len(fake.requests) < 30
    # Who it is comes first.
    assert fake.requests[0][:2] == ('control', {'worker': 'w1', 'tasks': []})


def test_the_bell_is_faster_than_the_poll(fake):
    """Between rings NetBox is left alone for as long as `poll`."""
    with Running(fake) as running:
        fake.wait(lambda: len(fake.asked('claim')) == 1)
        fake.tasks = make_tasks(3)
        running.agent.bell.ring()
        fake.wait(lambda: len(fake.results) == 3)
    assert len(fake.asked('claim')) <= 3


def test_the_poll_needs_no_bell(fake):
    """Without any ring new work is found by the poll."""
    with Running(fake, poll=0.2):
        fake.wait(lambda: len(fake.asked('claim')) >= 2)
        fake.tasks = make_tasks(3)
        fake.wait(lambda: len(fake.results) == 3)


def test_a_ring_is_heard_while_a_slow_device_is_at_work(fake):
    """One device that does not answer does not keep a click waiting."""
    entered = threading.Event()

    async def probe(task, context):
        if task.id == 1:
            entered.set()
            await asyncio.Event().wait()
        return ProbeOutcome()

    fake.tasks = make_tasks(1)
    with Running(fake, probe, grace=1.0) as running:
        assert entered.wait(10)
        fake.wait(lambda: len(fake.asked('claim')) == 2)
        fake.tasks = make_tasks(3)[1:]
        running.agent.bell.ring()
        fake.wait(lambda: len(fake.results) == 2, timeout=10)
        assert 1 not in fake.results


def test_work_that_waits_for_a_limit_is_asked_for_when_netbox_says(fake):
    """NetBox says after how long it is worth asking again."""
    fake.again_after = 0.1
    with Running(fake):
        fake.wait(lambda: len(fake.asked('claim')) >= 4)
        fake.again_after = None
        fake.tasks = make_tasks(2)
        fake.wait(lambda: len(fake.results) == 2)


def test_cancelled_tasks_are_given_up(fake):
    """Within two seconds of the cancellation, with a result that says so."""
    fake.tasks = make_tasks(2)
    fake.cancelled = {2}
    with Running(fake, endless, grace=1.0):
        fake.wait(lambda: fake.results, timeout=5)
        assert list(fake.results) == [2]
        assert fake.results[2]['errorCode'] == 'cancelled:user'
    assert fake.handed_back == [1]


def test_a_stop_hands_back_what_does_not_end(fake):
    """What ends within the grace period is reported, the rest handed back; nothing more is claimed."""
    release = threading.Event()
    entered = threading.Semaphore(0)

    async def probe(task, context):
        entered.release()
        if task.id == 1:
            await asyncio.to_thread(release.wait)
            return ProbeOutcome()
        return await endless(task, context)

    fake.tasks = make_tasks(2)
    with Running(fake, probe, grace=7.0) as running:
        for _probe in range(2):
            assert entered.acquire(timeout=10)
        fake.wait(lambda: len(fake.asked('claim')) == 2)
        fake.tasks = make_tasks(9)[2:]
        begin = time.monotonic()
        running.stop.request()
        running.agent.bell.ring()
        release.set()
        running.thread.join(30)
        assert time.monotonic() - begin < 8
    assert list(fake.results) == [1]
    assert fake.handed_back == [2]
    assert len(fake.asked('claim')) == 2


def test_a_restart_of_netbox_loses_nothing(fake):
    """Probes go on while NetBox is away, and their results are reported when it is back; then work goes on."""
    entered, release = threading.Event(), threading.Event()

    async def probe(task, context):
        if task.id == 1:
            entered.set()
            await asyncio.to_thread(release.wait)
        return ProbeOutcome({'found': task.id})

    fake.tasks = make_tasks(1)
    with Running(fake, probe, poll=0.5):
        assert entered.wait(10)
        fake.stop()
        release.set()
        # So that it really fails before NetBox is back.
        with socket.create_server(('127.0.0.1', fake._port), reuse_port=False) as server:
            server.settimeout(10)
            for _attempt in range(2):
                server.accept()[0].close()
        fake.tasks = make_tasks(3)[1:]
        fake.start()
        fake.wait(lambda: len(fake.results) == 3, timeout=30)
    assert fake.results[1]['data'] == {'found': 1}


def test_results_whose_leases_are_over_are_let_go(fake, caplog):
    """A NetBox that stays away does not block the worker for ever: the work is somebody else's by then."""
    fake.tasks = make_tasks(1, lease_seconds=2.0)
    fake.script['results'] = [(503, '', {})] * 1000
    with Running(fake, poll=0.3):
        fake.wait(lambda: 'results are lost' in caplog.text)
        fake.script['results'] = []
        fake.tasks = make_tasks(2)[1:]
        fake.wait(lambda: fake.results)
    assert list(fake.results) == [2]


def test_netbox_is_away_at_the_start(caplog):
    """The worker waits for NetBox to come."""
    fake = FakeNetBox(*make_tasks(1))
    fake.stop()
    with Running(fake):
        while 'trying again' not in caplog.text:
            threading.Event().wait(0.05)
        fake.start()
        with fake:
            fake.wait(lambda: fake.results)


@pytest.mark.parametrize(
    ('reply', 'code'),
    [((403, {'detail': 'no'}, {}), 'gateway:unauthorised'), ((404, {'detail': 'no'}, {}), 'gateway:unknown')],
)
def test_a_worker_that_is_refused_at_the_start_ends(fake, reply, code):
    """A mistake in the configuration is told at once."""
    fake.script['control'] = [reply]
    running = Running(fake)
    running.run()
    assert running.error.code == code


def test_a_worker_that_is_refused_later_goes_on(fake):
    """A token may be renewed: what is under way is not given up for that."""
    fake.script['claim'] = [(403, {'detail': 'expired'}, {})] * 2
    fake.tasks = make_tasks(1)
    with Running(fake, poll=0.2):
        fake.wait(lambda: fake.results)


def test_once_tells_what_was_wrong(fake):
    """With `once` a claim that fails is a failure of the program."""
    fake.script['claim'] = [(403, {'detail': 'expired'}, {})]
    running = Running(fake)
    running.run(once=True)
    assert running.error.code == 'gateway:unauthorised'


def test_a_result_that_is_refused_does_not_take_others_with_it(fake, caplog):
    """The one at fault is reported without its data, the others as they are."""
    fake.tasks = make_tasks(4)
    fake.refuse = lambda result: 'bad' in result['data']

    async def probe(task, context):
        return ProbeOutcome({'bad': 1} if task.id == 3 else {'good': task.id})

    running = Running(fake, probe)
    running.run(once=True)
    assert {task: result['errorCode'] for task, result in fake.results.items()} == {
        1: '', 2: '', 3: 'result:invalid', 4: '',
    }  # fmt: skip
    assert (fake.results[3]['ok'], fake.results[3]['data']) == (False, {})
    assert fake.results[4]['data'] == {'good': 4}
    assert 'the result of task 3 is refused' in caplog.text


def test_a_result_that_is_no_json(fake):
    """A probe that brings what JSON cannot carry fails alone."""

    async def probe(task, context):
        return ProbeOutcome({'value': float('nan') if task.id == 1 else 1.0})

    fake.tasks = make_tasks(2)
    Running(fake, probe).run(once=True)
    assert {task: result['errorCode'] for task, result in fake.results.items()} == {1: 'result:invalid', 2: ''}


def test_reports_are_bounded(fake):
    """Results are reported in portions of a few megabytes, a larger one alone."""

    async def probe(task, context):
        return ProbeOutcome({'text': 'x' * (5_000_000 if task.id == 1 else 900_000)})

    fake.tasks = make_tasks(9)
    Running(fake, probe).run(once=True)
    sizes = [len(json.dumps(body)) for body in fake.asked('results')]
    assert len(fake.results) == 9
    assert max(size for size in sizes if size < 5_000_000) < 4_100_000
    assert len(sizes) >= 3


# The program


def run_program(*arguments, env=None, **options):
    return subprocess.Popen(
        [sys.executable, '-m', 'netops_worker.cli', *arguments],
        env={'PYTHONPATH': str(WORKER), **(env or {})}, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        **options,
    )  # fmt: skip


def test_the_program(fake, tmp_path):
    """It scans a device with a secret of its own, writes JSON logs without secrets, and ends by SIGTERM with 0."""
    token = tmp_path / 'token'
    token.write_text(f'Bearer {TOKEN}\n')
    credential = CredentialRef(5, 'c', 'snmp-v2c', 'environment', 'NETOPS_SECRET_X')
    with SnmpAgent(system_objects(), community='canary-community') as device:
        (task,) = make_tasks(1, address=device.address, options={'port': device.port})
        fake.tasks = [replace(task, credentials=(credential,))]
        process = run_program(
            'run', '--url', fake.url, '--gateway', 'gru', '--token-file', token, '--name', 'pop1',
            '--log-level', 'DEBUG',
            env={'NETOPS_SECRET_X': 'canary-community'},
        )  # fmt: skip
        try:
            fake.wait(lambda: fake.results)
            process.send_signal(signal.SIGTERM)
            out, log = process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait()
    result = fake.results[1]
    assert (result['ok'], result['errorCode'], result['credential']) == (True, '', 5)
    assert result['data']['system']
    assert process.returncode == 0, log
    lines = [json.loads(line) for line in log.splitlines()]
    assert {'serving the gateway gru', 'stopped'} <= {line['message'] for line in lines}
    assert {line['worker'] for line in lines if line['logger'] == 'netops_worker.agent'} == {'pop1'}
    assert 'canary' not in log + out
    assert fake.requests[0][2]['Authorization'] == f'Bearer {TOKEN}'


@pytest.mark.parametrize(
    ('arguments', 'token', 'status', 'text'),
    [
        ((), '', 2, 'no token'),
        ((), 'with blank', 2, 'is none'),
        ((), 'canary-\xe9', 2, 'is none'),
        (('--token-file', '/nonexistent'), '', 2, 'No such file'),
        (('--url', 'netbox.example.net'), TOKEN, 2, 'must begin with https://'),
        (('--ca-file', '/nonexistent'), TOKEN, 2, 'does not exist'),
        (('--redis-url', 'http://:canary@h'), TOKEN, 2, 'must begin with redis://'),
        (('--once',), TOKEN, 1, 'gateway:unreachable: ConnectionRefusedError'),
    ],
)
def test_mistakes_are_told(arguments, token, status, text, monkeypatch, capsys, caplog):
    """Each mistake has its exit status and a sentence, and none shows a secret."""
    monkeypatch.setenv('NETOPS_WORKER_TOKEN', token)
    with socket.create_server(('127.0.0.1', 0)) as server:
        port = server.getsockname()[1]
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert main(['run', '--url', f'http://127.0.0.1:{port}', '--gateway', 'gru', *arguments]) == status
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    said = capsys.readouterr().err + caplog.text
    assert text in said
    assert 'canary' not in said


@pytest.mark.parametrize(
    'arguments', [[], ['run'], ['run', '--url', 'http://h'], ['run', '--url', 'u', '--gateway', 'g', '--poll', '0'],
                  ['run', '--url', 'u', '--gateway', 'g', '--poll', 'nan'],
                  ['run', '--url', 'u', '--gateway', 'g', '--concurrency', '0']]
)  # fmt: skip
def test_arguments_that_are_wrong(arguments, capsys):
    """Usage and the mistake are shown, and the status is 2."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert 'usage: netops-worker' in capsys.readouterr().err


def test_without_what_only_a_worker_needs():
    """The program is installed with the plugin, too: there it says what to install."""
    code = (
        'import sys\n'
        'sys.modules["rq"] = None\n'
        'from netops_worker.cli import main\n'
        'sys.exit(main(["run", "--url", "http://h", "--gateway", "g"]))\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], env={'PYTHONPATH': str(WORKER)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == 'rq is not installed: pip install "netbox-netops[worker]"\n'
