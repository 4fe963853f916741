"""Which host keys may be sent a secret."""

import pytest

from netops_worker.probes.ssh.algorithms import Algorithms
from netops_worker.probes.ssh.hostkeys import KnownHostKey, check_host_key, known_types

ED, RSA = 'ssh-ed25519', 'ssh-rsa'
CHANGED, UNKNOWN = 'credential:host-key-changed', 'credential:host-key-unknown'


def known(*keys):
    return [KnownHostKey(*key) for key in keys]


@pytest.mark.parametrize(
    ('policy', 'keys', 'state', 'code'),
    [
        ('first-use', [], 'first-use', ''),
        ('strict', [], 'unknown', UNKNOWN),
        ('first-use', [(ED, 'SHA256:a', 'trusted')], 'trusted', ''),
        ('strict', [(ED, 'SHA256:a', 'trusted')], 'trusted', ''),
        ('first-use', [(ED, 'SHA256:b', 'trusted')], 'changed', CHANGED),
        ('strict', [(ED, 'SHA256:b', 'trusted')], 'changed', CHANGED),
        # Known types are asked for first: it has lost the one that was trusted.
        ('first-use', [(RSA, 'SHA256:b', 'trusted')], 'changed', CHANGED),
        ('first-use', [(RSA, 'SHA256:b', 'trusted'), (ED, 'SHA256:a', 'trusted')], 'trusted', ''),
        # The changed key waits for approval already.
        ('first-use', [(ED, 'SHA256:b', 'trusted'), (ED, 'SHA256:a', 'pending')], 'changed', CHANGED),
        ('first-use', [(ED, 'SHA256:a', 'pending')], 'unknown', UNKNOWN),
        ('first-use', [(ED, 'SHA256:a', 'rejected')], 'unknown', UNKNOWN),
        ('first-use', [(ED, 'SHA256:b', 'pending')], 'unknown', UNKNOWN),
        ('first-use', [(ED, 'SHA256:b', 'rejected')], 'unknown', UNKNOWN),
        # The same hash under the name of another type is another key.
        ('strict', [(RSA, 'SHA256:a', 'trusted')], 'changed', CHANGED),
    ],
)
def test_decision(policy, keys, state, code):
    """The observed key is the ED25519 key SHA256:a."""
    found, error = check_host_key(policy, known(*keys), ED, 'SHA256:a')
    assert (found, error.code if error else '') == (state, code)


def test_a_changed_key_names_both_fingerprints():
    """Whoever has to decide sees what was and what is."""
    _, error = check_host_key('strict', known((ED, 'SHA256:old', 'trusted')), ED, 'SHA256:new')
    assert 'SHA256:old' in error.detail
    assert 'SHA256:new' in error.detail


def test_known_types_are_asked_for_first():
    """A device with several keys goes on showing the one that is known; trusted ones before others."""
    types = known_types(known(('ecdsa-sha2-nistp256', 'SHA256:p', 'pending'), (RSA, 'SHA256:b', 'trusted')))
    assert types == [RSA, 'ecdsa-sha2-nistp256']
    preferred = Algorithms.of('default').host_keys_preferring(types)
    assert preferred[:3] == ('rsa-sha2-512', 'rsa-sha2-256', 'ecdsa-sha2-nistp256')
    # Nothing is added by it that the profile does not have, and nothing is lost.
    assert sorted(preferred) == sorted(Algorithms.of('default').host_keys)
    assert 'ssh-rsa' in Algorithms.of('legacy').host_keys_preferring(types)[:3]
