"""The type that holds a secret value and cannot be printed, copied out or serialised."""

import hmac
from collections.abc import Callable
from typing import Any, NoReturn, final

from netops_worker.secrets.redaction import REDACTED, remember

__all__ = ('Secret',)


@final
class Secret:
    """A secret text. Only `reveal()` gives it; everything else shows asterisks or refuses.

    Two secrets are equal when their values are (compared in constant time). The hash is the same for all of them,
    so that it tells nothing and still agrees with equality.
    """

    # A closure and not the text itself: whatever lists attributes (debuggers, error reporters) finds a function.
    __slots__ = ('_get',)
    _get: Callable[[], str]

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f'a secret is text, not {type(value).__name__}')
        object.__setattr__(self, '_get', lambda: value)

    def reveal(self) -> str:
        """Return the value. From now on this process redacts it in its log."""
        value = self._get()
        remember(value)
        return value

    def __str__(self) -> str:
        return REDACTED

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(REDACTED, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self), _bytes(other))

    def __hash__(self) -> int:
        return hash(Secret)

    def __copy__(self) -> 'Secret':
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> 'Secret':
        return self

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError('a secret cannot be changed')

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError('a secret cannot be changed')

    def __getstate__(self) -> NoReturn:
        raise TypeError('a secret cannot be serialised')

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError('a secret cannot be serialised')

    def __reduce__(self) -> NoReturn:
        raise TypeError('a secret cannot be serialised')


def _bytes(secret: Secret) -> bytes:
    return secret._get().encode('utf-8', 'surrogatepass')
