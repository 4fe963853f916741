"""A secret cannot be shown, copied out or serialised, whatever tries it."""

import copy
import dataclasses
import inspect
import json
import logging
import pickle
import pprint
import traceback

import pytest

from netops_worker.probes.snmp.security import CommunitySecurity
from netops_worker.secrets import REDACTED, Secret, redact, redaction

CANARY = 'canary-7f3a91'


@dataclasses.dataclass
class Holder:
    name: str
    secret: Secret


SHOWN = {
    'str': str,
    'repr': repr,
    'ascii': ascii,
    'format': format,
    'f-string': lambda secret: f'{secret}',
    'f-string repr': lambda secret: f'{secret!r}',
    'f-string padded': lambda secret: f'{secret:>20}',
    'percent s': lambda secret: '%s' % secret,  # noqa: UP031
    'percent r': lambda secret: '%r' % secret,  # noqa: UP031
    'str.format': lambda secret: '{}'.format(secret),  # noqa: UP032
    'in a list': lambda secret: str([secret]),
    'in a dict': lambda secret: str({'secret': secret}),
    'pprint': pprint.pformat,
    'json with default': lambda secret: json.dumps({'secret': secret}, default=str),
    'dataclass': lambda secret: repr(Holder('x', secret)),
    'dataclasses.asdict': lambda secret: repr(dataclasses.asdict(Holder('x', secret))),
    'dataclasses.astuple': lambda secret: repr(dataclasses.astuple(Holder('x', secret))),
    'copy': lambda secret: repr(copy.copy(secret)),
    'deepcopy': lambda secret: repr(copy.deepcopy([secret])),
    'getmembers': lambda secret: repr([(k, v) for k, v in inspect.getmembers(secret) if k != 'reveal']),
    'dir': lambda secret: repr(dir(secret)),
    'exception': lambda secret: ''.join(traceback.format_exception(ValueError(secret))),
    'log record': lambda secret: logging.LogRecord('x', 10, 'f', 1, 'got %s', (secret,), None).getMessage(),
}

REFUSED = {
    'vars': vars,
    '__dict__': lambda secret: secret.__dict__,
    'json': json.dumps,
    'pickle': pickle.dumps,
    'pickle protocol 0': lambda secret: pickle.dumps(secret, protocol=0),
    'pickle inside': lambda secret: pickle.dumps(Holder('x', secret)),
    '__getstate__': lambda secret: secret.__getstate__(),
    '__reduce__': lambda secret: secret.__reduce__(),
    '__reduce_ex__': lambda secret: secret.__reduce_ex__(4),
    'iteration': list,
    'length': len,
    'concatenation': lambda secret: 'x' + secret,
    'join': lambda secret: ''.join([secret]),
    'bytes': bytes,
    'change': lambda secret: setattr(secret, '_get', lambda: 'other'),
    'new attribute': lambda secret: setattr(secret, 'value', 'other'),
    'deletion': lambda secret: delattr(secret, '_get'),
}


@pytest.mark.parametrize('show', SHOWN.values(), ids=SHOWN)
def test_shows_nothing(show):
    """Whatever turns a secret into text gets asterisks, never the value."""
    shown = show(Secret(CANARY))
    assert CANARY not in shown


@pytest.mark.parametrize('attempt', REFUSED.values(), ids=REFUSED)
def test_refuses(attempt):
    """Whatever would take a secret apart raises an error that does not name the value."""
    with pytest.raises((TypeError, AttributeError)) as caught:
        attempt(Secret(CANARY))
    assert CANARY not in str(caught.value)


def test_the_text_is_ten_asterisks():
    """str, repr and format give ten asterisks, so that logs show that something was there."""
    secret = Secret(CANARY)
    assert str(secret) == repr(secret) == f'{secret}' == '**********' == REDACTED
    assert f'{secret:>12}' == '  **********'


def test_reveal_gives_the_value():
    """reveal() is the way to the value."""
    assert Secret(CANARY).reveal() == CANARY


def test_takes_only_text():
    """A secret is made from text; the error for anything else does not show it."""
    with pytest.raises(TypeError, match='bytes') as caught:
        Secret(CANARY.encode())
    assert CANARY not in str(caught.value)


def test_equality_and_hash():
    """Equal values are equal secrets, and no hash tells one value from another."""
    assert Secret('é\udcff') == Secret('é\udcff')
    assert Secret('a') != Secret('b')
    assert Secret('a') != 'a'
    assert hash(Secret('a')) == hash(Secret('b')) != hash('a')


def test_redact_knows_what_was_revealed():
    """After reveal() the value is replaced in any text, also as repr, JSON and bytes write it."""
    value = 'quo"te\\back\'é-\n-line'
    Secret(value).reveal()
    for text in (value, repr(value), json.dumps(value), repr(value.encode())):
        assert 'back' not in redact(f'before {text} after')
        assert redact(f'before {text} after').startswith('before ')


def test_redact_replaces_the_longer_secret_first():
    """A secret that contains another one leaves no part of itself behind."""
    Secret('short-one').reveal()
    Secret('short-one-and-more').reveal()
    assert redact('x short-one-and-more y') == f'x {REDACTED} y'


def test_redact_keeps_text_around_short_secrets():
    """A secret of one letter is replaced where it stands alone and does not garble every word."""
    Secret('q').reveal()
    assert redact('quick q end') == f'quick {REDACTED} end'


def test_redaction_is_bounded(monkeypatch):
    """The process remembers a bounded number of secrets and drops the oldest."""
    monkeypatch.setattr(redaction, '_LIMIT', 2)
    monkeypatch.setattr(redaction, '_known', {})
    monkeypatch.setattr(redaction, '_patterns', [])
    for value in ('first-value', 'second-value', 'third-value'):
        Secret(value).reveal()
    assert redact('first-value second-value third-value') == f'first-value {REDACTED} {REDACTED}'


def test_a_community_in_use():
    """No attribute, text or pickle of what wraps messages has it."""
    security = CommunitySecurity(1, Secret(CANARY))
    assert CANARY.encode() in security.wrap(b'', 1)
    assert CANARY not in repr(security) + repr(vars(security))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(security, protocol)
