"""Differences between devices and NetBox: to see, to mute, and to write to NetBox after a look at what that does."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from netbox.object_actions import BulkExport, ObjectAction
from netbox.ui.layout import SimpleLayout
from netbox.views import generic
from utilities.exceptions import PermissionsViolation
from utilities.views import register_model_view

from netops_worker.errors import NetOpsError

from .. import filtersets, forms, tables
from ..drift.apply import MOST_APPLIED, apply, check
from ..errors import describe
from ..models import Difference
from ..ui import differences as panels
from .selections import SelectionView, primary_keys

__all__ = (
    'DifferenceBulkApplyView',
    'DifferenceBulkIgnoreView',
    'DifferenceBulkUnignoreView',
    'DifferenceListView',
    'DifferenceView',
)

# What the user is told of refused rows, at most.
_MOST_MESSAGES = 5


class ApplyDifferences(ObjectAction):
    name = 'bulk_apply'
    label = _('Apply to NetBox')
    multi = True
    permissions_required = {'view'}
    template_name = 'netbox_netops/buttons/bulk_apply.html'


class IgnoreDifferences(ObjectAction):
    name = 'bulk_ignore'
    label = _('Ignore')
    multi = True
    permissions_required = {'change'}
    template_name = 'netbox_netops/buttons/bulk_ignore.html'


class UnignoreDifferences(ObjectAction):
    name = 'bulk_unignore'
    label = _('Stop ignoring')
    multi = True
    permissions_required = {'change'}
    template_name = 'netbox_netops/buttons/bulk_unignore.html'


ACTIONS = (ApplyDifferences, IgnoreDifferences, UnignoreDifferences)


@register_model_view(Difference, 'list', path='', detail=False)
class DifferenceListView(generic.ObjectListView):
    queryset = Difference.objects.all()
    filterset = filtersets.DifferenceFilterSet
    filterset_form = forms.DifferenceFilterForm
    table = tables.DifferenceTable
    actions = (BulkExport, *ACTIONS)


@register_model_view(Difference)
class DifferenceView(generic.ObjectView):
    queryset = Difference.objects.select_related('target', 'interface', 'vm_interface', 'ip_address')
    template_name = 'netbox_netops/state_object.html'
    actions = ()
    layout = SimpleLayout(
        left_panels=[panels.DifferencePanel()],
        right_panels=[panels.DifferenceObjectsPanel()],
    )


class DifferenceSelectionView(SelectionView):
    queryset = Difference.objects.all()
    filterset = filtersets.DifferenceFilterSet


@register_model_view(Difference, 'bulk_apply', path='apply', detail=False)
class DifferenceBulkApplyView(DifferenceSelectionView):
    """First shows what would be written and what would be refused; writes when that is confirmed."""

    permission = 'netbox_netops.view_difference'

    def post(self, request):
        if '_confirm' in request.POST:
            return self.apply(request)
        rows = list(self.get_selection(request).select_related('target')[: MOST_APPLIED + 1])
        if not rows:
            messages.warning(request, _('No difference was selected.'))
            return redirect(self.get_return_url(request))
        if len(rows) > MOST_APPLIED:
            messages.error(request, describe(NetOpsError('drift:too-many')))
            return redirect(self.get_return_url(request))
        refused = {outcome.id: outcome for outcome in check(rows, request.user).outcomes if outcome.code}
        possible = [row for row in rows if row.pk not in refused]
        codes = {pk: outcome.code for pk, outcome in refused.items()}
        return render(
            request,
            'netbox_netops/difference_apply.html',
            {
                'model': Difference,
                'possible': possible,
                'possible_table': tables.DifferenceApplyTable(possible, exclude=('code',)) if possible else None,
                'refused_table': (
                    tables.DifferenceApplyTable([row for row in rows if row.pk in refused], codes=codes)
                    if refused
                    else None
                ),
                'return_url': self.get_return_url(request),
            },
        )

    def apply(self, request):
        ids = primary_keys(request.POST.getlist('pk'))
        report = apply(ids, request)
        if not ids:
            messages.warning(request, _('No difference was selected.'))
        elif report.applied:
            messages.success(
                request,
                ngettext(
                    '{count} difference was applied to NetBox.', '{count} differences were applied to NetBox.', len(ids)
                ).format(count=len(ids)),
            )
        else:
            messages.error(request, _('Nothing was changed in NetBox.'))
            failed = [outcome for outcome in report.outcomes if outcome.code != 'drift:withheld']
            for outcome in failed[:_MOST_MESSAGES]:
                messages.error(request, describe(NetOpsError(outcome.code, outcome.detail)))
        return redirect(self.get_return_url(request))


class MuteView(DifferenceSelectionView):
    permission = 'netbox_netops.change_difference'
    ignored: bool

    def post(self, request):
        ids = list(self.get_selection(request).values_list('pk', flat=True))
        try:
            with transaction.atomic():
                changed = (
                    Difference.objects.filter(pk__in=ids).exclude(ignored=self.ignored).update(ignored=self.ignored)
                )
                if self.queryset.filter(pk__in=ids).count() != len(ids):
                    raise PermissionsViolation
        except PermissionsViolation as error:
            messages.error(request, error.message)
        else:
            messages.success(request, self.get_message(changed).format(count=changed))
        return redirect(self.get_return_url(request))

    def get_message(self, count: int) -> str:
        raise NotImplementedError


@register_model_view(Difference, 'bulk_ignore', path='ignore', detail=False)
class DifferenceBulkIgnoreView(MuteView):
    ignored = True

    def get_message(self, count):
        return ngettext(
            '{count} difference is ignored for as long as neither side changes.',
            '{count} differences are ignored for as long as neither side changes.',
            count,
        )


@register_model_view(Difference, 'bulk_unignore', path='unignore', detail=False)
class DifferenceBulkUnignoreView(MuteView):
    ignored = False

    def get_message(self, count):
        return ngettext(
            '{count} difference is not ignored any more.', '{count} differences are not ignored any more.', count
        )
