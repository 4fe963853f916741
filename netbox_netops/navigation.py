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
        (_('Operations'), (_item('run', _('Runs')), _item('runtarget', _('Run Targets')))),
        (
            _('Inventory'),
            (
                _item('target', _('Targets')),
                _item('interfacestate', _('Interface States')),
                _item('scanresult', _('Scan Results')),
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
            ),
        ),
    ),
)
