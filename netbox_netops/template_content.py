"""What NetOps adds to the pages of devices and virtual machines, of sites and tenants."""

from django.urls import reverse
from netbox.plugins import PluginTemplateExtension

from . import facts
from .choices import RunTargetStateChoices
from .errors import error_title
from .ui import format as fmt
from .ui.starting import scope_buttons, start_buttons
from .ui.state import find_target

__all__ = ('template_extensions',)


class ObjectContent(PluginTemplateExtension):
    """Summary, and buttons that start work. NetBox shows them only on pages of objects the user may view."""

    viewname: str

    def buttons(self):
        buttons = start_buttons(self.context['object'], self.context['request'].user)
        return self.render('netbox_netops/buttons/start.html', {'buttons': buttons})

    def right_page(self):
        obj = self.context['object']
        target, master = find_target(obj, self.context['request'].user)
        last_scan = target.scans.order_by('-started', '-pk').first() if target else None
        system = getattr(target, 'system', None)
        active = target.run_targets.filter(state__in=RunTargetStateChoices.ACTIVE).exists() if target else False
        return self.render(
            'netbox_netops/inc/summary.html',
            {
                'target': target,
                'master': master,
                'last_scan': last_scan,
                'error_title': error_title(last_scan.error_code) if last_scan and last_scan.error_code else '',
                'age': fmt.age(target.reachability_since) if target else '',
                'system': system,
                'hardware': f'{system.vendor} {system.model}'.strip() if system else '',
                'software': f'{system.os} {system.os_version}'.strip() if system else '',
                'sessions': facts.sessions(target) if target else {},
                'differences': target.differences.filter(ignored=False).count() if target else 0,
                'uptime': fmt.uptime(target.latest_scan.uptime_ticks) if target and target.latest_scan else '',
                'scan_active': active,
                'tab_url': reverse(f'{self.viewname}_netops', args=[obj.pk]),
            },
        )


class DeviceContent(ObjectContent):
    models = ['dcim.device']
    viewname = 'dcim:device'


class VirtualMachineContent(ObjectContent):
    models = ['virtualization.virtualmachine']
    viewname = 'virtualization:virtualmachine'


class ScopeContent(PluginTemplateExtension):
    models = ['dcim.site', 'tenancy.tenant']

    def buttons(self):
        buttons = scope_buttons(self.context['object'], self.context['request'].user)
        return self.render('netbox_netops/buttons/scope_start.html', {'buttons': buttons})


template_extensions = [DeviceContent, VirtualMachineContent, ScopeContent]
