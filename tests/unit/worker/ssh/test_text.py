"""What a device says, made fit to be kept."""

import pytest

from netops_worker.probes.ssh.text import shown
from netops_worker.secrets import Secret


def test_one_printable_line():
    """Control characters and line breaks do not reach a page or a log."""
    assert shown(b'Welcome\r\n\x1b[31mto\x00 sw1\xff') == 'Welcome [31mto sw1\ufffd'
    assert shown('x' * 500, 10) == 'x' * 9 + '…'
    assert shown('') == ''


@pytest.mark.parametrize(
    'echo', ['you sent hunter-22', 'hun\x00ter-22', 'hunter\x07-22 ok', 'x' * 150 + ' hunter-22' + 'y' * 300]
)
def test_a_secret_that_is_sent_back(echo):
    """None of a text in which a secret occurs is shown, also where it was broken up or lies at the cut."""
    Secret('hunter-22').reveal()
    assert shown(echo, 160) == ''
    assert shown('nothing of it') == 'nothing of it'
