"""Unit tests run without Django and without an installed distribution: this checkout's worker is what they import."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / 'worker'))

import pytest
from hypothesis import settings

from netops_worker.secrets import redaction


@pytest.fixture(autouse=True)
def forgotten_secrets(monkeypatch):
    """Each test begins with no secret revealed."""
    monkeypatch.setattr(redaction, '_known', {})
    monkeypatch.setattr(redaction, '_patterns', [])


# Nothing is written into the checkout, which may belong to another user; no deadline, because machines are busy.
settings.register_profile('netops', database=None, deadline=None)
settings.load_profile('netops')
