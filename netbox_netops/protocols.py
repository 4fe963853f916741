"""The protocols of credentials: which fields each of them has and needs, and so what its form shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = (
    'FIELDS',
    'PROTOCOLS',
    'REFERENCES',
    'Protocol',
)


@dataclass(frozen=True, slots=True)
class Protocol:
    """`fields`: what its credentials have besides what all have. `needs`: which of these are never empty.

    `needs_with`: {field: another that it needs}, where the first is not empty.
    """

    fields: tuple[str, ...]
    needs: tuple[str, ...]
    needs_with: Mapping[str, str]

    def missing(self, values: Any) -> list[str]:
        """The fields that must not be empty and are, of an object that has them as attributes."""
        needed = dict.fromkeys(self.needs)
        needed.update(dict.fromkeys(other for name, other in self.needs_with.items() if getattr(values, name)))
        return [name for name in needed if not getattr(values, name)]


_SSH = ('username', 'reference', 'port', 'algorithms')
_COMMUNITY = Protocol(('reference', 'port'), ('reference',), {})

PROTOCOLS: dict[str, Protocol] = {
    'snmp-v1': _COMMUNITY,
    'snmp-v2c': _COMMUNITY,
    'snmp-v3': Protocol(
        (
            *('username', 'reference', 'port', 'auth_protocol', 'privacy_protocol', 'privacy_reference'),
            'context_name',
        ),
        ('username',),
        # A user may do without authentication.
        {'auth_protocol': 'reference', 'privacy_protocol': 'privacy_reference'},
    ),
    'ssh-password': Protocol(_SSH, ('username', 'reference'), {}),
    'ssh-key': Protocol((*_SSH, 'passphrase_reference'), ('username', 'reference'), {}),
    'enable': Protocol(('reference',), ('reference',), {}),
    # The host is what keeps a secret from being sent to another one.
    'http-basic': Protocol(('username', 'reference', 'host', 'port'), ('username', 'reference', 'host'), {}),
    'http-bearer': Protocol(('reference', 'host', 'port'), ('reference', 'host'), {}),
}
# All that any protocol has, each once, in the order of the table.
FIELDS = tuple(dict.fromkeys(name for protocol in PROTOCOLS.values() for name in protocol.fields))
# Those that name a secret of the credential's provider.
REFERENCES = ('reference', 'privacy_reference', 'passphrase_reference')
