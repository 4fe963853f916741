"""What a reference may look like, checked where a person enters it; the providers check it again when they use it."""

import re

from netops_worker.errors import NetOpsError
from netops_worker.secrets.files import check_path
from netops_worker.secrets.providers import check_variable

__all__ = (
    'PROVIDERS',
    'check_reference',
    'split_role',
    'split_vault',
    'vault_path',
)

# Neither `.`, `..` nor wildcards, nor what an URL takes for something else.
_PART = r'[A-Za-z0-9_][A-Za-z0-9_.@:-]*'
_VAULT_PATH = re.compile(rf'{_PART}(?:/{_PART})*')
_VAULT = re.compile(rf'({_PART}(?:/{_PART})*)#({_PART})')
# The slug of a role, and the name of a secret: NetBox lets these be any text of one line.
_ROLE = re.compile(r'([-A-Za-z0-9_]+)(?:/([^\0-\x1f\x7f]{1,100}))?')


def vault_path(path: str) -> bool:
    """Whether it is a plain path below a mount."""
    return isinstance(path, str) and bool(_VAULT_PATH.fullmatch(path))


def split_vault(reference: str) -> tuple[str, str]:
    """Path and field of `path/to/secret#field`. Raises NetOpsError `secret:refused` when it looks different."""
    found = _VAULT.fullmatch(reference) if isinstance(reference, str) else None
    if found is None:
        raise NetOpsError('secret:refused', f'{reference!r} is not of the form path/to/secret#field')
    return found[1], found[2]


def split_role(reference: str) -> tuple[str, str | None]:
    """Role and name of `role-slug` or `role-slug/name`. Raises NetOpsError `secret:refused` when it looks different."""
    found = _ROLE.fullmatch(reference) if isinstance(reference, str) else None
    if found is None:
        raise NetOpsError('secret:refused', f'{reference!r} is not of the form role-slug or role-slug/name')
    return found[1], found[2]


_CHECKS = {
    'environment': check_variable,
    'file': check_path,
    'vault': split_vault,
    'netbox-secrets': split_role,
}
# Every provider there is; which of them can be used where is a matter of configuration.
PROVIDERS = tuple(_CHECKS)


def check_reference(provider: str, reference: str) -> None:
    """Raises NetOpsError `secret:refused` if `provider` does not exist or would refuse the reference by its form."""
    check = _CHECKS.get(provider)
    if check is None:
        raise NetOpsError('secret:refused', f'unknown provider {provider!r}')
    check(reference)
