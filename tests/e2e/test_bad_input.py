"""Whatever is wrong with one device ends that device, with its code; the others of the run are not touched."""

import contextlib
import itertools
import json
import pickletools
import zlib

import pytest

from lab.valkey import free_port
from tests.unit.worker.agent import END_OF_VIEW, GET, Agent, interface_objects, parse, string, system_objects

_numbers = itertools.count(1)

IF_DESCR = parse('1.3.6.1.2.1.2.2.1.2')


@pytest.fixture
def agent():
    """`agent(hook=..., community=...)`: a small agent of our own that may misbehave, at an address of its own."""
    with contextlib.ExitStack() as stack:

        def start(**options) -> Agent:
            options.setdefault('objects', system_objects() | interface_objects(3))
            return stack.enter_context(Agent(address=f'127.23.1.{next(_numbers)}', **options))

        yield start


def endless(request):
    """Answers every walk of ifDescr with a next row, for ever, and everything else as usual."""
    if request.kind == GET:
        return None
    size = len(IF_DESCR)
    binds = [
        ((*IF_DESCR, (*name, 0)[size] + row), string('again')) if name[:size] == IF_DESCR else (name, END_OF_VIEW)
        for row in range(1, 1 + max(request.repetitions, 1))
        for name in request.oids
    ]
    return [request.reply(binds)]


def backwards(request):
    """Answers every walk with the same row."""
    return None if request.kind == GET else [request.reply([((*request.oids[0][:10], 1), string('same'))])]


def test_each_fault_has_its_code_and_the_good_device_its_result(lab, worker, agent, make_device, credential):
    garbage = b'HTTP/1.1 400 Bad Request\r\n\r\n'
    cases = {
        'bad-silent': (agent(hook=lambda request: []), 'unreachable:no-response'),
        'bad-community': (agent(community='another'), 'unreachable:no-response'),
        'bad-garbage': (agent(hook=lambda request: [garbage, b'', b'\x30\x84\xff\xff\xff\xff']), 'snmp:malformed'),
        'bad-endless': (agent(hook=endless), 'snmp:endless-walk'),
        'bad-backwards': (agent(hook=backwards), 'snmp:endless-walk'),
        'bad-refused': (agent(hook=lambda request: [request.refuse(16)]), 'credential:no-access'),
        'bad-broken': (agent(hook=lambda request: [request.refuse(5)]), 'snmp:error-status'),
        'bad-not': (agent(hook=lambda request: [garbage, agent_answer(request)]), ''),
        'bad-good': (agent(), ''),
    }
    devices = {
        name: make_device(name, fake.address, local_context_data=context(port=fake.port, timeout=0.5))
        for name, (fake, _code) in cases.items()
    }
    expected = {name: code for name, (_fake, code) in cases.items()}
    devices['bad-closed'] = make_device('bad-closed', '127.23.2.1', local_context_data=context(port=free_port()))
    expected['bad-closed'] = 'unreachable:port-closed'
    devices['bad-address'] = make_device('bad-address', None)
    expected['bad-address'] = 'target:no-address'
    devices['bad-context'] = make_device('bad-context', '127.23.2.2', local_context_data=context(prot=161))
    expected['bad-context'] = 'target:invalid-options'
    devices['bad-off'] = make_device('bad-off', '127.23.2.3', local_context_data={'netops': {'enabled': False}})
    expected['bad-off'] = 'target:disabled'
    devices['bad-status'] = make_device('bad-status', '127.23.2.4', status='decommissioning')
    expected['bad-status'] = 'target:retired'

    run = lab.api.start_run('device-scan', devices=[device['id'] for device in devices.values()])
    run = lab.api.wait_run(run)
    parts = {part['name']: part for part in lab.api.list('plugins/netops/run-targets/', run_id=run['id'])}
    assert {name: part['error_code'] for name, part in parts.items()} == expected
    states = {name: part['state']['value'] for name, part in parts.items()}
    assert states == {name: 'failed' if code else 'succeeded' for name, code in expected.items()}
    assert (run['status']['value'], run['succeeded'], run['failed']) == ('partial', 2, len(expected) - 2)
    # Every failure says what to do.
    assert all(part['error']['hint'] for part in parts.values() if part['error_code'])
    # What was read before a failure is kept.
    (result,) = lab.api.list('plugins/netops/scan-results/', device_id=devices['bad-endless']['id'])
    assert not result['ok']
    (target,) = lab.api.list('plugins/netops/targets/', device_id=devices['bad-good']['id'])
    assert target['system']['name'] == 'sw1'
    rows = lab.api.list('plugins/netops/interface-states/', device_id=devices['bad-good']['id'])
    assert [row['name'] for row in rows] == ['Gi0/1', 'Gi0/2', 'Gi0/3']
    # The core jobs ended well: a device is no reason for a job to fail.
    jobs = lab.sql('SELECT status FROM core_job WHERE object_id = %s', run['id'])
    assert set(jobs) == {('completed',)}


def context(**snmp) -> dict:
    return {'netops': {'snmp': snmp}}


def agent_answer(request):
    """The usual answer of the small agent, for a hook that sends something else before it."""
    fake = Agent(objects=system_objects())
    fake._table = sorted((parse(name), value) for name, value in fake.objects.items())
    fake._values = dict(fake._table)
    return fake.answer(request)


@pytest.mark.parametrize(
    ('provider', 'reference', 'code'),
    [
        ('environment', 'NETOPS_SECRET_NOT_SET', 'secret:not-found'),
        ('file', 'missing/file', 'secret:not-found'),
        ('file', 'link-out', 'secret:refused'),
        ('file', 'for-everybody', 'secret:refused'),
        ('file', 'directory', 'secret:refused'),
    ],
)
def test_secret_that_cannot_be_had(lab, worker, agent, make_device, provider, reference, code):
    directory = lab.secrets_directory
    (directory / 'for-everybody').write_text('public')
    (directory / 'for-everybody').chmod(0o666)
    (directory / 'directory').mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        (directory / 'link-out').symlink_to('/etc/hostname')
    fake = agent()
    device = make_device(f'secret-{provider}-{reference.replace("/", "-")}', None)
    lab.api.request('PATCH', f'dcim/devices/{device["id"]}/', {
        'local_context_data': {'netops': {'address': fake.address, 'snmp': {'port': fake.port}}},
    })  # fmt: skip
    credential = lab.api.post('plugins/netops/credentials/', {
        'name': f'No {reference}', 'protocol': 'snmp-v2c', 'provider': provider, 'reference': reference,
    })  # fmt: skip
    try:
        run = lab.api.wait_run(lab.api.start_run('device-scan', devices=[device['id']]))
        (part,) = lab.api.list('plugins/netops/run-targets/', run_id=run['id'])
        assert part['error_code'] == code
        assert reference in part['error_detail']
        assert fake.requests == []
    finally:
        lab.api.request('DELETE', f'plugins/netops/credentials/{credential["id"]}/')


def test_no_credential(lab, worker, agent, make_device):
    fake = agent()
    device = make_device('no-credential', None, local_context_data={'netops': {'address': fake.address}})
    run = lab.api.wait_run(lab.api.start_run('device-scan', devices=[device['id']]))
    (part,) = lab.api.list('plugins/netops/run-targets/', run_id=run['id'])
    assert part['error_code'] == 'credential:none'


def test_several_credentials_are_tried_by_weight_and_the_one_that_works_is_remembered(
    lab, worker, agent, make_device, credential
):
    secret = lab.secrets_directory / 'second'
    secret.write_text('second-community\n')
    secret.chmod(0o600)
    second = lab.api.post('plugins/netops/credentials/', {
        'name': 'Second', 'protocol': 'snmp-v2c', 'provider': 'file', 'reference': 'second', 'weight': 2000,
    })  # fmt: skip
    try:
        fake = agent(community='second-community')
        device = make_device('two-credentials', fake.address, local_context_data=context(port=fake.port, timeout=0.3))
        for tried in ([b'public', b'public', b'second-community'], [b'second-community']):
            fake.requests.clear()
            run = lab.api.wait_run(lab.api.start_run('device-scan', devices=[device['id']]))
            assert run['status']['value'] == 'succeeded'
            order = [request.community for request in fake.requests if request.kind == GET]
            assert order == tried
            (target,) = lab.api.list('plugins/netops/targets/', device_id=device['id'])
            assert target['snmp_credential']['name'] == 'Second'
    finally:
        lab.api.request('DELETE', f'plugins/netops/credentials/{second["id"]}/')


def test_nothing_selected_starts_nothing(lab):
    before = lab.sql('SELECT count(*) FROM netbox_netops_run')
    for body in ({}, {'devices': []}, {'filter': {}}, {'filter': {'site': ['nowhere']}}):
        answer = lab.api.request('POST', 'plugins/netops/runs/', {'kind': 'device-scan', **body})
        assert answer.status == 400, body
        assert answer.json['code'] in ('selection:empty', 'selection:invalid')
    answer = lab.api.request('POST', 'plugins/netops/runs/', {'kind': 'device-scan', 'devices': [10**9]})
    assert (answer.status, answer.json['code']) == (400, 'target:unknown')
    assert lab.sql('SELECT count(*) FROM netbox_netops_run') == before


def test_without_a_worker_the_run_is_accepted_and_expires(lab, no_worker, agent, make_device, credential):
    fake = agent()
    device = make_device('no-worker', fake.address, port=fake.port)
    answer = lab.api.request('POST', 'plugins/netops/runs/', {'kind': 'device-scan', 'devices': [device['id']]})
    assert answer.status == 202
    assert answer.json['dispatch']['warnings'][0]['code'] == 'queue:no-worker'
    run = answer.json['id']
    assert answer.headers['Location'].endswith(f'/api/plugins/netops/runs/{run}/')
    again = lab.api.request('POST', 'plugins/netops/runs/', {'kind': 'device-scan', 'devices': [device['id']]})
    assert (again.status, again.json['id'], again.json['dispatch']['created']) == (202, run, False)

    lab.sql("UPDATE netbox_netops_runtarget SET expires = now() - interval '1 s' WHERE run_id = %s", run)
    lab.sql("UPDATE netbox_netops_run SET expires = now() - interval '1 s' WHERE id = %s", run)
    assert lab.api.get(f'plugins/netops/runs/{run}/')['status']['value'] == 'expired'
    (part,) = lab.api.list('plugins/netops/run-targets/', run_id=run)
    assert (part['state']['value'], part['error_code']) == ('expired', 'expired:no-worker')
    assert fake.requests == []


def test_killed_worker_loses_nothing(lab, start_worker, agent, make_device, credential, monkeypatch):
    """The work-horse is killed while it probes; when the lease ends another worker finishes the run."""
    attempts = lab.netbox.settings['PLUGINS_CONFIG']['netbox_netops']['attempts']
    monkeypatch.setitem(attempts, 'device-scan', 2)
    worker = start_worker()
    fake = agent(hook=lambda request: [])
    device = make_device('killed', fake.address, local_context_data=context(port=fake.port, timeout=30, retries=5))
    run = lab.api.start_run('device-scan', devices=[device['id']])
    for _ in range(200):
        if fake.requests:
            break
        lab.api.get(f'plugins/netops/runs/{run["id"]}/')
    assert fake.requests, 'the probe has not begun'
    worker.kill()

    # The lease ends, and with it what it holds in Redis.
    lab.sql('UPDATE netbox_netops_runtarget SET lease_until = now() WHERE run_id = %s', run['id'])
    redis = lab.valkey.client(0)
    held = [key for name in ('held', 'lock', 'limit') for key in redis.keys(f'netops:{name}:*')]
    assert redis.delete(*held) == len(held) > 0
    lab.sql("UPDATE netbox_netops_run SET created = now() - interval '1 min' WHERE id = %s", run['id'])
    lab.sql("UPDATE core_job SET started = now() - interval '1 min' WHERE object_id = %s", run['id'])
    fake.hook = None
    start_worker()
    lab.netbox.manage('netops_scheduler', '--once')
    run = lab.api.wait_run(run)
    assert run['status']['value'] == 'succeeded'
    (part,) = lab.api.list('plugins/netops/run-targets/', run_id=run['id'])
    assert part['attempt'] == 2


def test_payload_in_redis_is_minimal(lab, no_worker, agent, make_device, credential):
    """Ids and plain values only: what NetBox pickles of its own Job aside, a reader of Redis learns nothing."""
    fake = agent()
    device = make_device('payload-sw', fake.address, port=fake.port)
    run = lab.api.start_run('device-scan', devices=[device['id']], reason='payload')
    (job,) = lab.sql('SELECT job_id FROM core_job WHERE object_id = %s', run['id'])
    raw = lab.valkey.client(0).hget(f'rq:job:{job[0]}', 'data')
    data = zlib.decompress(raw) if raw[:1] == b'x' else raw
    strings = {argument for _opcode, argument, _position in pickletools.genops(data) if isinstance(argument, str)}
    assert 'payload' in strings
    for forbidden in ('NETOPS_SECRET_TEST', fake.address, device['name']):
        assert forbidden not in strings
        assert json.dumps(forbidden)[1:-1].encode() not in data
