"""Which texts must never be printed: every secret this process has revealed, in the forms it may take in a message."""

import json
import re
import threading

__all__ = (
    'REDACTED',
    'redact',
    'remember',
)

REDACTED = '**********'

# More distinct secrets than any worker holds; a bound because a process must not grow for ever.
_LIMIT = 4096
# A shorter secret is only replaced where it stands alone: replacing every `a` would garble the log and betray it.
_SHORT = 4

_lock = threading.Lock()
_known: dict[str, None] = {}
_patterns: list[str | re.Pattern[str]] = []


def remember(value: str) -> None:
    """Have `redact()` replace `value` from now on."""
    if not value or value in _known:
        return
    with _lock:
        while len(_known) >= _LIMIT:
            del _known[next(iter(_known))]
        _known[value] = None
        # Longest first, or a secret that contains another one would be replaced only in part.
        forms = sorted({form for known in _known for form in _forms(known)}, key=len, reverse=True)
        _patterns[:] = [
            form if len(form) >= _SHORT else re.compile(rf'(?<!\w){re.escape(form)}(?!\w)') for form in forms
        ]


def redact(text: str) -> str:
    """Return `text` with every remembered secret replaced by asterisks."""
    for pattern in tuple(_patterns):
        if isinstance(pattern, str):
            if pattern in text:
                text = text.replace(pattern, REDACTED)
        else:
            text = pattern.sub(REDACTED, text)
    return text


def _forms(value: str) -> set[str]:
    """The value as it is, and as repr(), json.dumps() and the repr() of its bytes would write it."""
    return {
        value,
        repr(value)[1:-1],
        json.dumps(value)[1:-1],
        repr(value.encode('utf-8', 'surrogatepass'))[2:-1],
    }
