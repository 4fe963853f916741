"""What the result of a device ends with."""

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.ssh.verdicts import Check, worst

from .cases import enable, password


def made(*entries):
    return [
        Check(
            enable(number) if code.startswith('enable/') else password(number),
            NetOpsError(code.removeprefix('enable/')) if code else None,
            answered,
        )
        for number, (code, answered) in enumerate(entries, 1)
    ]


@pytest.mark.parametrize(
    ('entries', 'code'),
    [
        ([('', True)], ''),
        ([('', True), ('credential:rejected', True)], 'credential:rejected'),
        ([('ssh:timeout', True), ('credential:rejected', True)], 'credential:rejected'),
        ([('ssh:timeout', True), ('credential:host-key-changed', True)], 'credential:host-key-changed'),
        ([('secret:not-found', False), ('', True)], 'secret:not-found'),
        # Nothing answered at all.
        ([('unreachable:no-response', False), ('unreachable:no-response', False)], 'unreachable:no-response'),
        ([('secret:not-found', False), ('unreachable:port-closed', False)], 'unreachable:port-closed'),
        # One that is silent to a community is alive when SSH answers.
        ([('', True), ('unreachable:no-response', False)], 'credential:unclear'),
        ([('ssh:closed', True), ('unreachable:no-response', False)], 'ssh:closed'),
        # No enable secret is needed: nothing is wrong with it.
        ([('', True), ('enable/credential:not-asked', True)], ''),
        ([('credential:not-asked', True)], 'credential:not-asked'),
    ],
)
def test_the_worst(entries, code):
    """Rejected before unknown; unreachable only when nothing answered."""
    error = worst(made(*entries))
    assert (error.code if error else '') == code


def test_the_others_are_named():
    """The detail names the credential, and what else went wrong."""
    error = worst(made(('ssh:timeout', True), ('credential:rejected', True)))
    assert error.detail == 'c2: credential:rejected; also c1: ssh:timeout'
