"""From a credential to the security of an SNMP session."""

from dataclasses import replace
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.snmp.security import CommunitySecurity, Security
from netops_worker.probes.snmp.user import UserSecurity
from netops_worker.probes.snmp.usm import SecurityUser
from netops_worker.wire import CredentialRef

__all__ = (
    'PROTOCOLS',
    'security_for',
)

_COMMUNITY_VERSIONS = {'snmp-v1': 0, 'snmp-v2c': 1}
PROTOCOLS = (*_COMMUNITY_VERSIONS, 'snmp-v3')


async def security_for(credential: CredentialRef, context: ProbeContext) -> Security:
    """Resolve the secrets of a credential of one of the PROTOCOLS and make a Security of them.

    Parameters of an `snmp-v3` credential: `username`, `auth_protocol` and `privacy_protocol` ('' or absent for none),
    `privacy_reference` (the credential's own reference is that of the authentication pass phrase) and `context_name`.
    Raises NetOpsError with a `secret:` code, and `options:invalid` for wrong parameters.
    """
    if credential.protocol in _COMMUNITY_VERSIONS:
        return CommunitySecurity(_COMMUNITY_VERSIONS[credential.protocol], await context.secret(credential))
    auth, privacy = _text(credential, 'auth_protocol') or None, _text(credential, 'privacy_protocol') or None
    own = replace(credential, reference=_text(credential, 'privacy_reference'))
    try:
        user = SecurityUser(
            _text(credential, 'username'),
            auth,
            await context.secret(credential) if auth else None,
            privacy,
            await context.secret(own) if privacy else None,
        )
    except NetOpsError as error:
        raise NetOpsError(error.code, _named(credential, error.detail)) from None
    return UserSecurity(user, _text(credential, 'context_name'))


def _text(credential: CredentialRef, name: str) -> str:
    value: Any = credential.parameters.get(name, '')
    if not isinstance(value, str):
        raise NetOpsError('options:invalid', f'{credential.name}: {name} must be text')
    return value


def _named(credential: CredentialRef, detail: str) -> str:
    return detail if detail.startswith(f'{credential.name}: ') else f'{credential.name}: {detail}'
