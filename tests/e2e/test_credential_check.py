"""Credential checks through the whole path: NetBox, a job worker, OpenSSH's server, and what is known afterwards."""

import socket
import threading
from contextlib import ExitStack

import pytest

from lab.sshd import Sshd, SshUser

PASSWORD, WRONG = 'right-password-7', 'wrong-password-7'
CREDENTIALS, STATUSES = 'plugins/netops/credentials/', 'plugins/netops/credential-statuses/'
HOST_KEYS, AUDIT = 'plugins/netops/host-keys/', 'plugins/netops/secret-accesses/'


@pytest.fixture
def start_sshd(lab, sshd_program):
    """`start_sshd(address)`: OpenSSH's server there, with the user `operator`; `port` from its second start on."""
    users = [SshUser('operator', PASSWORD)]
    with ExitStack() as stack:
        yield lambda address, **options: stack.enter_context(Sshd(lab.run, users, address=address, **options))


@pytest.fixture
def secrets(lab):
    """The job workers that are started now have the passwords in their environment."""
    lab.environment.update(NETOPS_SECRET_SSH=PASSWORD, NETOPS_SECRET_WRONG=WRONG)
    yield
    for name in ('NETOPS_SECRET_SSH', 'NETOPS_SECRET_WRONG'):
        del lab.environment[name]


@pytest.fixture
def make_credential(lab):
    """`make_credential(name, device, reference)`: an SSH password for that device only. Deleted with the test."""
    made = []

    def make(name: str, device: dict, reference: str) -> dict:
        values = {'name': name, 'protocol': 'ssh-password', 'username': 'operator', 'provider': 'environment'}
        made.append(lab.api.post(CREDENTIALS, {**values, 'reference': reference, 'devices': [device['id']]}))
        return made[-1]

    yield make
    for item in made:
        lab.api.request('DELETE', f'{CREDENTIALS}{item["id"]}/')


def check(lab, device) -> dict[str, dict]:
    """Check the device; {name of the credential: its status}."""
    run = lab.api.wait_run(lab.api.start_run('credential-check', devices=[device['id']]))
    rows = lab.api.list(STATUSES, device_id=device['id'])
    return {row['credential']['name']: row for row in rows if row['run']['id'] == run['id']}


def ssh(port: int) -> dict:
    return {'netops': {'ssh': {'port': port, 'timeout': 20}}}


def test_from_the_first_login_to_a_changed_host_key(
    lab, start_worker, secrets, start_sshd, make_device, make_credential
):
    sshd = start_sshd('127.31.0.1')
    device = make_device('ssh-sw', '127.31.0.1', local_context_data=ssh(sshd.port))
    good = make_credential('ssh-good', device, 'NETOPS_SECRET_SSH')
    bad = make_credential('ssh-bad', device, 'NETOPS_SECRET_WRONG')
    gone = make_credential('ssh-gone', device, 'NETOPS_SECRET_NOWHERE')
    start_worker()

    found = check(lab, device)
    verdicts = {name: (row['verdict']['value'], row['code']) for name, row in found.items()}
    assert verdicts == {
        'ssh-good': ('accepted', ''),
        'ssh-bad': ('rejected', 'credential:rejected'),
        'ssh-gone': ('unknown', 'secret:not-found'),
    }
    assert 0 < found['ssh-good']['latency_ms'] < 20_000
    (key,) = lab.api.list(HOST_KEYS, device_id=device['id'])
    assert (key['state']['value'], key['type']) == ('trusted', 'ssh-ed25519')
    assert key['fingerprint'].startswith('SHA256:')
    audit = {
        row['credential_name']: row['code']
        for row in lab.api.list(AUDIT, credential_id=[good['id'], bad['id'], gone['id']])
    }
    assert audit == {'ssh-good': '', 'ssh-bad': '', 'ssh-gone': 'secret:not-found'}

    # Another machine answers there now: nothing is sent to it until somebody approves of its key.
    sshd.stop()
    before = len(sshd.log)
    other = start_sshd('127.31.0.1', port=sshd.port, host_keys=('ecdsa',))
    found = check(lab, device)
    assert {name: row['code'] for name, row in found.items()} == {
        'ssh-good': 'credential:host-key-changed',
        'ssh-bad': 'credential:host-key-changed',
        'ssh-gone': 'secret:not-found',
    }
    assert found['ssh-good']['verdict']['value'] == 'rejected'
    assert 'password' not in other.log[before:].lower()
    (pending,) = lab.api.list(HOST_KEYS, device_id=device['id'], state='pending')
    answer = lab.api.request('POST', f'{HOST_KEYS}{pending["id"]}/approve/')
    assert answer.status == 200, answer.json
    assert check(lab, device)['ssh-good']['verdict']['value'] == 'accepted'


def test_a_secret_is_not_sent_where_somebody_points_the_device(
    lab, start_worker, secrets, start_sshd, make_device, make_credential
):
    """Who may edit a device gives it the address of his own listener."""
    sshd = start_sshd('127.31.0.2')
    device = make_device('ssh-prey', '127.31.0.2', local_context_data=ssh(sshd.port))
    make_credential('ssh-prey', device, 'NETOPS_SECRET_SSH')
    start_worker()
    assert check(lab, device)['ssh-prey']['verdict']['value'] == 'accepted'
    with socket.create_server(('127.31.0.3', sshd.port)) as listener:
        heard = []

        def listen():
            while True:
                try:
                    connection, _peer = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b'SSH-2.0-OpenSSH_9.2\r\n')
                    connection.settimeout(5)
                    try:
                        while chunk := connection.recv(4096):
                            heard.append(chunk)
                    except OSError:
                        pass

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        point(lab, device, '127.31.0.3')
        found = check(lab, device)['ssh-prey']
        assert found['verdict']['value'] != 'accepted'
        assert PASSWORD.encode() not in b''.join(heard)
    # Nor does a real server get it, before somebody has approved of its key.
    thief = start_sshd('127.31.0.4', port=sshd.port)
    point(lab, device, '127.31.0.4')
    found = check(lab, device)['ssh-prey']
    assert found['verdict']['value'] != 'accepted'
    assert found['code'] in ('credential:host-key-changed', 'credential:host-key-unknown')
    assert 'password' not in thief.log.lower()


def point(lab, device, address):
    interface = lab.api.get('dcim/interfaces/', device_id=device['id'])['results'][0]
    ip = lab.api.post('ipam/ip-addresses/', {
        'address': f'{address}/32', 'assigned_object_type': 'dcim.interface', 'assigned_object_id': interface['id'],
    })  # fmt: skip
    answer = lab.api.request('PATCH', f'dcim/devices/{device["id"]}/', {'primary_ip4': ip['id']})
    assert answer.status == 200, answer.json
