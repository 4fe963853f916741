from ..kinds import CREDENTIAL_CHECK
from .base import DrainJob

__all__ = ('CredentialCheckJob',)


class CredentialCheckJob(DrainJob):
    kind = CREDENTIAL_CHECK

    class Meta:
        name = 'NetOps credential check'
