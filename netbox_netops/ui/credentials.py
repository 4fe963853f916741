from django.utils.translation import gettext_lazy as _
from netbox.ui import attrs, panels

from ..protocols import FIELDS, PROTOCOLS
from .attrs import ErrorAttr

__all__ = (
    'CredentialPanel',
    'CredentialScopePanel',
)


class CredentialPanel(panels.ObjectAttributesPanel):
    title = _('Credential')
    name = attrs.TextAttr('name', label=_('Name'))
    protocol = attrs.ChoiceAttr('protocol', label=_('Protocol'))
    enabled = attrs.BooleanAttr('enabled', label=_('Enabled'))
    weight = attrs.NumericAttr('weight', label=_('Weight'))
    provider = attrs.ChoiceAttr('provider', label=_('Secret provider'))
    reference = attrs.TextAttr('reference', label=_('Secret reference'), style='font-monospace', copy_button=True)
    passphrase_reference = attrs.TextAttr(
        'passphrase_reference', label=_('Pass phrase reference'), style='font-monospace', copy_button=True
    )
    username = attrs.TextAttr('username', label=_('User name'))
    host = attrs.TextAttr('host', label=_('Host'))
    port = attrs.TextAttr('port', label=_('Port'))
    algorithms = attrs.ChoiceAttr('algorithms', label=_('Algorithms'))
    auth_protocol = attrs.ChoiceAttr('auth_protocol', label=_('Authentication'))
    privacy_protocol = attrs.ChoiceAttr('privacy_protocol', label=_('Privacy'))
    privacy_reference = attrs.TextAttr(
        'privacy_reference', label=_('Privacy secret reference'), style='font-monospace', copy_button=True
    )
    context_name = attrs.TextAttr('context_name', label=_('Context name'))
    stopped = attrs.DateTimeAttr('stopped', label=_('Stopped'))
    stopped_code = ErrorAttr('stopped_code', label=_('Why stopped'))
    description = attrs.TextAttr('description', label=_('Description'))

    def get_context(self, context):
        found = super().get_context(context)
        credential = context['object']
        # Of a protocol, only what it has; and that it was stopped, only of one that was.
        hidden = set(FIELDS) - set(PROTOCOLS[credential.protocol].fields)
        if not credential.stopped:
            hidden |= {'stopped', 'stopped_code'}
        named = zip(self._attrs, found['attrs'], strict=True)
        return {**found, 'attrs': [attr for name, attr in named if name not in hidden]}


class CredentialScopePanel(panels.ObjectAttributesPanel):
    """Where it applies. The number of targets comes from the view, together with the link that lists them."""

    template_name = 'netbox_netops/panels/credential_scope.html'
    title = _('Scope')
    regions = attrs.RelatedObjectListAttr('regions', label=_('Regions'), linkify=True, max_items=10)
    sites = attrs.RelatedObjectListAttr('sites', label=_('Sites'), linkify=True, max_items=10)
    locations = attrs.RelatedObjectListAttr('locations', label=_('Locations'), linkify=True, max_items=10)
    roles = attrs.RelatedObjectListAttr('roles', label=_('Roles'), linkify=True, max_items=10)
    platforms = attrs.RelatedObjectListAttr('platforms', label=_('Platforms'), linkify=True, max_items=10)
    tenant_groups = attrs.RelatedObjectListAttr('tenant_groups', label=_('Tenant groups'), linkify=True, max_items=10)
    tenants = attrs.RelatedObjectListAttr('tenants', label=_('Tenants'), linkify=True, max_items=10)
    device_tags = attrs.RelatedObjectListAttr('device_tags', label=_('Device tags'), linkify=True, max_items=10)
    devices = attrs.RelatedObjectListAttr('devices', label=_('Devices'), linkify=True, max_items=10)

    def get_context(self, context):
        return {**super().get_context(context), 'scope': context.get('scope')}
