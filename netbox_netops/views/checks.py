"""What checks of credentials found: statuses, their history, host keys and who asked for secrets."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from netbox.object_actions import BulkExport, ObjectAction
from netbox.ui.layout import SimpleLayout
from netbox.views import generic
from netbox.views.generic.base import BaseObjectView
from utilities.views import GetReturnURLMixin, register_model_view

from .. import filtersets, forms, tables
from ..choices import HostKeyStateChoices
from ..host_keys import APPROVE, decide
from ..models import CredentialChange, CredentialStatus, HostKey, SecretAccess
from ..ui import checks as panels
from ..ui.panels import OptionsPanel
from .confirmation import Confirmation, ask

__all__ = (
    'CredentialChangeListView',
    'CredentialChangeView',
    'CredentialStatusListView',
    'CredentialStatusView',
    'HostKeyApproveView',
    'HostKeyListView',
    'HostKeyRejectView',
    'HostKeyView',
    'SecretAccessListView',
    'SecretAccessView',
)


@register_model_view(CredentialStatus, 'list', path='', detail=False)
class CredentialStatusListView(generic.ObjectListView):
    queryset = CredentialStatus.objects.all()
    filterset = filtersets.CredentialStatusFilterSet
    filterset_form = forms.CredentialStatusFilterForm
    table = tables.CredentialStatusTable
    actions = (BulkExport,)


@register_model_view(CredentialStatus)
class CredentialStatusView(generic.ObjectView):
    queryset = CredentialStatus.objects.select_related('target', 'credential', 'run')
    template_name = 'netbox_netops/state_object.html'
    actions = ()
    layout = SimpleLayout(
        left_panels=[panels.StatusPanel()],
        right_panels=[panels.StatusTimePanel(), OptionsPanel('server', title=gettext_lazy('Server'))],
    )


@register_model_view(CredentialChange, 'list', path='', detail=False)
class CredentialChangeListView(generic.ObjectListView):
    queryset = CredentialChange.objects.all()
    filterset = filtersets.CredentialChangeFilterSet
    filterset_form = forms.CredentialChangeFilterForm
    table = tables.CredentialChangeTable
    actions = (BulkExport,)


@register_model_view(CredentialChange)
class CredentialChangeView(generic.ObjectView):
    queryset = CredentialChange.objects.select_related('target', 'credential', 'run')
    template_name = 'netbox_netops/state_object.html'
    actions = ()
    layout = SimpleLayout(left_panels=[panels.ChangePanel()])


@register_model_view(SecretAccess, 'list', path='', detail=False)
class SecretAccessListView(generic.ObjectListView):
    queryset = SecretAccess.objects.all()
    filterset = filtersets.SecretAccessFilterSet
    filterset_form = forms.SecretAccessFilterForm
    table = tables.SecretAccessTable
    actions = (BulkExport,)


@register_model_view(SecretAccess)
class SecretAccessView(generic.ObjectView):
    queryset = SecretAccess.objects.select_related('run')
    template_name = 'netbox_netops/state_object.html'
    actions = ()
    layout = SimpleLayout(left_panels=[panels.SecretAccessPanel()])


# Host keys


class _Decision(ObjectAction):
    """Leads to the question, which shows what there is to compare."""

    permissions_required = {APPROVE}
    url_kwargs = ['pk']
    template_name = 'netbox_netops/buttons/decide_host_key.html'
    icon: str
    button_class: str

    @classmethod
    def get_context(cls, context, obj):
        return {'name': cls.name, 'icon': cls.icon, 'button_class': cls.button_class}


class ApproveHostKey(_Decision):
    name = 'approve'
    label = gettext_lazy('Approve')
    icon = 'mdi-check-bold'
    button_class = 'green'


class RejectHostKey(_Decision):
    name = 'reject'
    label = gettext_lazy('Reject')
    icon = 'mdi-close-thick'
    button_class = 'red'


@register_model_view(HostKey, 'list', path='', detail=False)
class HostKeyListView(generic.ObjectListView):
    queryset = HostKey.objects.all()
    filterset = filtersets.HostKeyFilterSet
    filterset_form = forms.HostKeyFilterForm
    table = tables.HostKeyTable
    actions = (BulkExport,)


@register_model_view(HostKey)
class HostKeyView(generic.ObjectView):
    queryset = HostKey.objects.select_related('target', 'approved_by')
    template_name = 'netbox_netops/state_object.html'
    actions = (ApproveHostKey, RejectHostKey)
    layout = SimpleLayout(
        left_panels=[panels.HostKeyPanel()],
        right_panels=[panels.HostKeyDecisionPanel(), panels.OtherHostKeysPanel()],
    )

    def get_permitted_actions(self, user, model=None):
        needless = {HostKeyStateChoices.TRUSTED: ApproveHostKey, HostKeyStateChoices.REJECTED: RejectHostKey}
        actions = super().get_permitted_actions(user, model=model)
        if not user.has_perm(f'netbox_netops.{APPROVE}_hostkey', model):
            return []
        return [action for action in actions if action is not needless.get(model.state)]

    def get_extra_context(self, request, instance):
        others = HostKey.objects.restrict(request.user, 'view').filter(target=instance.target_id)
        return {'others': others.exclude(pk=instance.pk)}


class HostKeyDecisionView(GetReturnURLMixin, BaseObjectView):
    """Shows what is to be decided, and decides on POST. What the user may not decide does not exist for this view."""

    queryset = HostKey.objects.select_related('target')
    http_method_names = ('get', 'post', 'options')
    trusted: bool
    action: type[_Decision]
    title: str
    text: str

    def get_required_permission(self):
        return f'netbox_netops.{APPROVE}_hostkey'

    def get(self, request, pk):
        key = self.get_object(pk=pk)
        others = HostKey.objects.restrict(request.user, APPROVE).filter(target=key.target_id).exclude(pk=key.pk)
        lines = [_line(_('This key'), key), *(_line(other.get_state_display(), other) for other in others)]
        return ask(
            request,
            Confirmation(
                title=self.title.format(name=key.target),
                text=self.text,
                lines=lines,
                button=self.action.label,
                icon=self.action.icon,
                button_class=self.action.button_class,
                return_url=self.get_return_url(request, key),
            ),
        )

    def post(self, request, pk):
        key = decide(self.get_object(pk=pk), request.user, trusted=self.trusted)
        messages.success(request, f'{key}: {key.get_state_display()}')
        return redirect(self.get_return_url(request, key))


@register_model_view(HostKey, 'approve')
class HostKeyApproveView(HostKeyDecisionView):
    trusted = True
    action = ApproveHostKey
    title = gettext_lazy('Approve a host key of {name}')
    text = gettext_lazy(
        'Compare the fingerprint with what the device itself shows on its console. Passwords are sent to whoever has '
        'this key; the trusted key of the same type is rejected.'
    )


@register_model_view(HostKey, 'reject')
class HostKeyRejectView(HostKeyDecisionView):
    trusted = False
    action = RejectHostKey
    title = gettext_lazy('Reject a host key of {name}')
    text = gettext_lazy('Nothing is sent to whoever has this key.')


def _line(what, key: HostKey) -> str:
    return f'{what}: {key.type} {key.fingerprint} ({key.first_seen:%Y-%m-%d %H:%M} to {key.last_seen:%Y-%m-%d %H:%M})'
