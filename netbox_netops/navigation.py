from django.utils.translation import gettext_lazy as _
from netbox.plugins import PluginMenu, PluginMenuButton, PluginMenuItem

__all__ = ('menu',)


def _item(model: str, label, buttons=()) -> PluginMenuItem:
    return PluginMenuItem(
        link=f'plugins:netbox_netops:{model}_list',
        link_text=label,
        permissions=[f'netbox_netops.view_{model}'],
        buttons=list(buttons),
    )


menu = PluginMenu(
    label=_('NetOps'),
    icon_class='mdi mdi-lan-check',
    groups=(
        (
            _('Operations'),
            (
                _item('run', _('Runs')),
                _item('runtarget', _('Run Targets')),
                _item(
                    'policy',
                    _('Policies'),
                    (
                        PluginMenuButton(
                            link='plugins:netbox_netops:policy_add',
                            title=_('Add'),
                            icon_class='mdi mdi-plus-thick',
                            permissions=['netbox_netops.add_policy'],
                        ),
                        PluginMenuButton(
                            link='plugins:netbox_netops:policy_bulk_import',
                            title=_('Import'),
                            icon_class='mdi mdi-upload',
                            permissions=['netbox_netops.add_policy'],
                        ),
                    ),
                ),
                PluginMenuItem(
                    link='plugins:netbox_netops:queue',
                    link_text=_('Queue'),
                    permissions=['netbox_netops.view_run'],
                ),
            ),
        ),
        (
            _('Inventory'),
            (
                _item('target', _('Targets')),
                _item('difference', _('Differences')),
                _item('scanresult', _('Scan Results')),
            ),
        ),
        (
            _('Network State'),
            (
                _item('systemstate', _('Systems')),
                _item('interfacestate', _('Interfaces')),
                _item('bgppeerstate', _('BGP Sessions')),
                _item('neighbourstate', _('Neighbours')),
                _item('addressstate', _('IP Addresses')),
                _item('inventorystate', _('Physical Entities')),
            ),
        ),
        (
            _('Access'),
            (
                _item('credentialstatus', _('Credential Statuses')),
                _item('credentialchange', _('Credential Changes')),
                _item('hostkey', _('Host Keys')),
                _item('secretaccess', _('Secret Accesses')),
            ),
        ),
        (
            _('Configuration'),
            (
                _item(
                    'credential',
                    _('Credentials'),
                    (
                        PluginMenuButton(
                            link='plugins:netbox_netops:credential_add',
                            title=_('Add'),
                            icon_class='mdi mdi-plus-thick',
                            permissions=['netbox_netops.add_credential'],
                        ),
                        PluginMenuButton(
                            link='plugins:netbox_netops:credential_bulk_import',
                            title=_('Import'),
                            icon_class='mdi mdi-upload',
                            permissions=['netbox_netops.add_credential'],
                        ),
                    ),
                ),
                _item(
                    'gateway',
                    _('Gateways'),
                    (
                        PluginMenuButton(
                            link='plugins:netbox_netops:gateway_add',
                            title=_('Add'),
                            icon_class='mdi mdi-plus-thick',
                            permissions=['netbox_netops.add_gateway'],
                        ),
                        PluginMenuButton(
                            link='plugins:netbox_netops:gateway_bulk_import',
                            title=_('Import'),
                            icon_class='mdi mdi-upload',
                            permissions=['netbox_netops.add_gateway'],
                        ),
                    ),
                ),
            ),
        ),
    ),
)
