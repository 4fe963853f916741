from netbox.search import SearchIndex

from .models import Credential, Gateway, Policy

__all__ = (
    'CredentialIndex',
    'GatewayIndex',
    'PolicyIndex',
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


class GatewayIndex(SearchIndex):
    model = Gateway
    fields = (
        ('name', 100),
        ('slug', 110),
        ('description', 500),
        ('comments', 5000),
    )
    display_attrs = ('enabled', 'last_seen', 'description')


class PolicyIndex(SearchIndex):
    model = Policy
    fields = (
        ('name', 100),
        ('description', 500),
        ('comments', 5000),
    )
    display_attrs = ('kind', 'enabled', 'next_run', 'description')


indexes = [CredentialIndex, GatewayIndex, PolicyIndex]
