"""A community that works, and one that does not, are found nowhere afterwards but where they belong."""

import base64
import subprocess
import zlib

from lab.postgres import find_binaries
from tests.unit.worker.agent import Agent, system_objects

WORKS, REJECTED = 'canary-works-8d1f', 'canary-rejected-77aa'


def forms(secret: str) -> set[bytes]:
    """A secret as it may be written: plain, hexadecimal, reversed, and in base64 at each of its three alignments."""
    data = secret.encode()
    found = {data, data.hex().encode(), data.hex().upper().encode(), data[::-1]}
    for shift in range(3):
        # Without the characters at both ends that depend on the neighbours.
        first, last = (0, 2, 3)[shift], (shift + len(data)) * 8 // 6
        found.add(base64.b64encode(b'x' * shift + data)[first:last])
    return found


def test_no_trace_of_a_secret(lab, worker, make_device):
    credentials = []
    for number, secret in enumerate((REJECTED, WORKS), 1):
        path = lab.secrets_directory / f'canary{number}'
        path.write_text(secret)
        path.chmod(0o600)
        credentials.append(lab.api.post('plugins/netops/credentials/', {
            'name': f'Canary {number}', 'protocol': 'snmp-v2c', 'provider': 'file', 'reference': path.name,
            'weight': number,
        }))  # fmt: skip
    # A device that repeats what it was sent, as some do in their error texts.
    objects = system_objects()
    with Agent(objects, community=WORKS, address='127.24.1.1') as good, Agent(
        {}, hook=lambda request: [b'bad community: ' + request.community], address='127.24.1.2'
    ) as echo:  # fmt: skip
        options = {'timeout': 0.2}
        devices = [
            make_device(name, agent.address, local_context_data={'netops': {'snmp': options | {'port': agent.port}}})
            for name, agent in (('canary-good', good), ('canary-echo', echo))
        ]
        run = lab.api.wait_run(lab.api.start_run('device-scan', devices=[device['id'] for device in devices]))
        assert {request.community for request in good.requests} == {WORKS.encode(), REJECTED.encode()}
    assert (run['succeeded'], run['failed']) == (1, 1)

    places = {'database': dump(lab), 'redis': redis_content(lab)}
    for path in lab.run.path.glob('**/*.log'):
        places[path.name] = path.read_bytes()
    for endpoint in ('runs', 'run-targets', 'targets', 'credentials', 'scan-results', 'interface-states'):
        places[endpoint] = str(lab.api.get(f'plugins/netops/{endpoint}/', limit=1000)).encode()
    for credential in credentials:
        lab.api.request('DELETE', f'plugins/netops/credentials/{credential["id"]}/')
    hits = [
        (place, secret, form)
        for place, content in places.items()
        for secret in (WORKS, REJECTED)
        for form in forms(secret)
        if form in content
    ]
    assert hits == []
    # The search finds what is there: the reference of each credential is in the dump and in the answers.
    assert b'canary1' in places['database']
    assert b'canary2' in places['credentials']
    assert b'DeviceScanJob' in places['redis']
    assert {'worker.log', 'web.log'} <= set(places)


def test_search_would_find_each_form():
    for secret in (WORKS, REJECTED):
        for prefix in ('', 'a', 'ab', 'abc'):
            text = f'{prefix}{secret} and more'.encode()
            for encoded in (text, text.hex().encode(), text[::-1], base64.b64encode(text)):
                assert any(form in encoded for form in forms(secret)), (prefix, encoded)


def dump(lab) -> bytes:
    path = lab.run.path / 'secrecy.dump'
    lab.cluster.dump(lab.netbox.database, path)
    restored = subprocess.run(
        [find_binaries() / 'pg_restore', '--data-only', '--file', '-', path], capture_output=True, check=True
    )
    return restored.stdout


def redis_content(lab) -> bytes:
    content: list[bytes] = []
    for number in lab.netbox.redis_databases:
        client = lab.valkey.client(number)
        for key in client.scan_iter():
            content.append(key)
            match client.type(key):
                case b'string':
                    content.append(client.get(key))
                case b'hash':
                    for field, value in client.hgetall(key).items():
                        content += [field, value, inflated(value)]
                case b'list':
                    content += client.lrange(key, 0, -1)
                case b'set':
                    content += client.smembers(key)
                case b'zset':
                    content += client.zrange(key, 0, -1)
                case b'stream':
                    content.append(repr(client.xrange(key)).encode())
                case other:
                    raise AssertionError(f'{key} is a {other}')
    return b'\n'.join(content)


def inflated(value: bytes) -> bytes:
    """RQ compresses the payload of a job."""
    try:
        return zlib.decompress(value)
    except zlib.error:
        return b''
