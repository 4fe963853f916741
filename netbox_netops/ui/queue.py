"""The panels of the queue page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dcim.models import Site
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from netbox.ui import panels
from tenancy.models import Tenant
from utilities.string import humanize_duration

from netops_worker.errors import ERRORS

from ..errors import error_url
from ..kinds import KINDS
from ..models import Gateway, Policy
from ..overview import LimitState, Overview
from ..settings import get_settings
from ..tables.queue import KindTable, LimitTable, QueueTable

__all__ = (
    'Alarm',
    'AlarmsPanel',
    'KindsPanel',
    'LimitsPanel',
    'NamedLimit',
    'QueuesPanel',
    'find_alarms',
    'name_limits',
)

# Scope of a limit -> the model of what it is about.
_MODELS = {'site': Site, 'tenant': Tenant, 'gateway': Gateway, 'policy': Policy}
_SCOPES = {
    'kind': _('Kind'),
    'site': _('Site'),
    'tenant': _('Tenant'),
    'gateway': _('Gateway'),
    'policy': _('Policy'),
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """`level`: danger or warning. `code`: an error code that explains it, or empty."""

    level: str
    title: str
    text: str
    code: str = ''

    @property
    def url(self) -> str:
        return error_url(self.code)


def find_alarms(overview: Overview) -> list[Alarm]:
    """What somebody has to look after, the worst first."""
    alarms = []
    if not overview.redis:
        text = gettext('Nothing is started until it does. No work is lost.')
        alarms.append(Alarm('danger', gettext('Redis does not answer'), text))
    info = ERRORS['queue:no-worker']
    for queue in overview.unserved:
        title = gettext('No worker serves the queue {queue}').format(queue=queue.name)
        alarms.append(Alarm('danger', title, gettext(info.hint), 'queue:no-worker'))
    if overview.is_tick_late:
        alarms.append(_late_tick(overview.tick_age))
    if overview.overdue:
        title = ngettext(
            '{count} target is held by a worker that is silent',
            '{count} targets are held by workers that are silent',
            overview.overdue,
        ).format(count=overview.overdue)
        alarms.append(Alarm('warning', title, gettext('The next tick takes them back, and another worker has them.')))
    return alarms


def _late_tick(age: float | None) -> Alarm:
    if age is None:
        title = gettext('The tick has not run yet')
    else:
        title = gettext('The tick ran last {duration} ago').format(
            duration=humanize_duration(timedelta(seconds=round(age)))
        )
    text = gettext(
        'Without it lost work does not come back, and policies do not start. Start netbox netops_scheduler, or a '
        'worker for the queue {queue}.'
    )
    return Alarm('danger', title, text.format(queue=get_settings().default_queue))


@dataclass(frozen=True, slots=True)
class NamedLimit:
    """`object_id` and `url`: of the site, tenant, gateway or policy; those of kinds have none."""

    scope: str
    name: str
    object_id: int | None
    url: str
    used: int
    most: int
    is_full: bool

    @property
    def scope_label(self):
        return _SCOPES[self.scope]


def name_limits(limits: Sequence[LimitState], user) -> list[NamedLimit]:
    """Those of kinds, and of the sites, tenants, gateways and policies that the user may view."""
    objects = {}
    for scope, model in _MODELS.items():
        keys = [int(limit.key) for limit in limits if limit.scope == scope]
        objects[scope] = model.objects.restrict(user, 'view').in_bulk(keys) if keys else {}
    named = []
    for limit in limits:
        if limit.scope == 'kind':
            shown = str(KINDS[limit.key].label), None, ''
        elif found := objects[limit.scope].get(int(limit.key)):
            shown = str(found), found.pk, found.get_absolute_url()
        else:
            continue
        named.append(NamedLimit(limit.scope, *shown, limit.used, limit.most, limit.is_full))
    return named


class AlarmsPanel(panels.Panel):
    template_name = 'netbox_netops/panels/alarms.html'

    def get_context(self, context):
        return {**super().get_context(context), 'alarms': find_alarms(context['overview'])}


class OverviewPanel(panels.Panel):
    """A table about the overview."""

    template_name = 'ui/panels/context_table.html'

    def get_context(self, context):
        return {**super().get_context(context), 'table': self.get_table(context)}

    def get_table(self, context):
        raise NotImplementedError


class QueuesPanel(OverviewPanel):
    title = _('Queues')

    def get_table(self, context):
        return QueueTable(context['overview'].queues)


class KindsPanel(OverviewPanel):
    title = _('Kinds of run')

    def get_table(self, context):
        return KindTable(context['overview'].kinds)


class LimitsPanel(OverviewPanel):
    title = _('Limits in effect')

    def get_context(self, context):
        return {**super().get_context(context), 'redis': context['overview'].redis}

    def get_table(self, context):
        return LimitTable(name_limits(context['overview'].limits, context['request'].user))

    def should_render(self, context):
        # Without Redis there are limits, of which nothing is known.
        return context['redis']
