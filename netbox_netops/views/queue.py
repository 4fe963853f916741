"""The queue page: the work of the whole fleet, who does it, and what holds it up."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View
from netbox.ui.layout import Column, Layout, Row
from utilities.exceptions import PermissionsViolation
from utilities.views import ObjectPermissionRequiredMixin

from .. import filtersets, tables
from ..choices import RunTargetStateChoices
from ..forms import PauseForm
from ..kinds import KINDS
from ..models import Pause, Run, RunTarget, Target
from ..overview import read_overview
from ..pausing import pause_for, resume_for
from ..ui import queue as panels
from .live import Live, LiveView

__all__ = (
    'PauseKindView',
    'QueueView',
    'ResumeKindView',
)


class QueueView(LiveView):
    """Numbers are those of the whole fleet; rows about devices only those that the user may see."""

    queryset = Run.objects.all()
    template_name = 'netbox_netops/queue.html'
    actions = ()
    live_layout = Layout(
        Row(Column(panels.AlarmsPanel())),
        Row(Column(panels.QueuesPanel(), width=7), Column(panels.LimitsPanel(), width=5)),
        Row(Column(panels.KindsPanel())),
    )
    layout = Layout()

    def get_object(self, **kwargs):
        return read_overview()

    def get_live(self, request, instance):
        return Live(active=True, token=instance.token, context={'overview': instance, 'object': None})

    def get_table_context(self, request, instance, live):
        sections = self.get_sections(request.user)
        if not sections:
            return {'table': None}
        chosen = next((item for item in sections if item['slug'] == request.GET.get('section')), sections[0])
        for item in sections:
            item['active'] = item is chosen
            item['count'] = item['rows'].count()
        rows = chosen['filterset'](request.GET, chosen['rows'], request=request).qs
        return {
            **self.make_table(request, rows, chosen['table']),
            'section_tabs': sections,
            'section': chosen['slug'],
        }

    def get_sections(self, user) -> list[dict]:
        """What of the two lists the user may see."""
        sections = []
        if user.has_perm('netbox_netops.view_runtarget'):
            sections.append(
                {
                    'slug': 'leases',
                    'label': _('At work'),
                    'rows': RunTarget.objects.restrict(user, 'view').filter(state=RunTargetStateChoices.RUNNING),
                    'table': tables.LeaseTable,
                    'filterset': filtersets.RunTargetFilterSet,
                }
            )
        if user.has_perm('netbox_netops.view_target'):
            sections.append(
                {
                    'slug': 'spared',
                    'label': _('Spared devices'),
                    'rows': Target.objects.restrict(user, 'view').filter(spared_until__gt=timezone.now()),
                    'table': tables.SparedTargetTable,
                    'filterset': filtersets.TargetFilterSet,
                }
            )
        return sections

    def get_extra_context(self, request, instance):
        return {'base_template': 'generic/_base.html'}


class KindView(ObjectPermissionRequiredMixin, View):
    """On one kind of run, by its name in the URL."""

    queryset = Pause.objects.all()

    def dispatch(self, request, *args, kind, **kwargs):
        if kind not in KINDS:
            raise Http404
        return super().dispatch(request, *args, kind=kind, **kwargs)

    def done(self, request, text: str):
        messages.success(request, text)
        return redirect(_queue_url())

    def refuse(self, request, error: PermissionsViolation):
        messages.error(request, error.message)
        return redirect(_queue_url())


class PauseKindView(KindView):
    def get_required_permission(self):
        return 'netbox_netops.add_pause'

    def get(self, request, kind):
        return self.render_form(request, kind, PauseForm())

    def post(self, request, kind):
        form = PauseForm(request.POST)
        if not form.is_valid():
            return self.render_form(request, kind, form)
        label = KINDS[kind].label
        try:
            created = pause_for(request.user, kind, form.cleaned_data['reason'])
        except PermissionsViolation as error:
            return self.refuse(request, error)
        text = _('{kind} is paused.') if created else _('{kind} was paused already.')
        return self.done(request, text.format(kind=label))

    def render_form(self, request, kind, form):
        context = {'kind': KINDS[kind].label, 'form': form, 'return_url': _queue_url()}
        return render(request, 'netbox_netops/queue_pause.html', context)


class ResumeKindView(KindView):
    http_method_names = ('post', 'options')

    def get_required_permission(self):
        return 'netbox_netops.delete_pause'

    def post(self, request, kind):
        label = KINDS[kind].label
        try:
            ended = resume_for(request.user, kind)
        except PermissionsViolation as error:
            return self.refuse(request, error)
        text = _('{kind} goes on.') if ended else _('{kind} was not paused.')
        return self.done(request, text.format(kind=label))


def _queue_url() -> str:
    return reverse('plugins:netbox_netops:queue')
