"""What a reference may look like, checked where a person enters it; the providers check it again when they use it."""

from netops_worker.errors import NetOpsError
from netops_worker.secrets.files import check_path
from netops_worker.secrets.providers import check_variable

__all__ = ('check_reference',)

_CHECKS = {
    'environment': check_variable,
    'file': check_path,
}


def check_reference(provider: str, reference: str) -> None:
    """Raises NetOpsError `secret:refused` if `provider` does not exist or would refuse the reference by its form."""
    check = _CHECKS.get(provider)
    if check is None:
        raise NetOpsError('secret:refused', f'unknown provider {provider!r}')
    check(reference)
