from netbox.search import SearchIndex

from .models import Credential

__all__ = (
    'CredentialIndex',
    'indexes',
)


class CredentialIndex(SearchIndex):
    model = Credential
    fields = (
        ('name', 100),
        ('reference', 300),
        ('description', 500),
        ('comments', 5000),
    )
    display_attrs = ('protocol', 'provider', 'enabled', 'description')


indexes = [CredentialIndex]
