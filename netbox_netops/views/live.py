"""Pages of which a part follows the work while there is any: htmx polling that ends by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.shortcuts import render
from netbox.object_actions import ObjectAction
from netbox.ui.layout import Layout
from netbox.views import generic
from netbox.views.generic.mixins import TableMixin
from utilities.htmx import htmx_partial
from utilities.permissions import get_permission_for_model
from utilities.tables import get_table_configs

from .. import facts
from ..models import Target
from .sections import chosen_section, section_facets, section_problems, section_tabs

__all__ = (
    'CHANGED_EVENT',
    'Live',
    'LiveView',
)

# Sent by a fragment that differs from the one before it; the table beside it reloads on this event.
CHANGED_EVENT = 'netops-changed'


@dataclass(frozen=True, slots=True)
class Live:
    """`active`: keep polling. `token`: differs whenever the page may have changed. `context`: for the panels."""

    active: bool
    token: str
    context: dict[str, Any]


class LiveView(TableMixin, generic.ObjectView):
    """One URL, three answers: the page; the fragment with `live_layout` (htmx, `?live=`); the table (htmx).

    Without JavaScript the page is complete and up to date at the moment it was loaded.
    """

    template_name = 'netbox_netops/live_object.html'
    live_layout: Layout
    # Buttons in the head of the page that come again with each fragment: a template, which gets `out_of_band` there.
    controls_template = ''
    table_title = ''
    hidden_columns: tuple[str, ...] = ()
    filterset = None
    # Whether the page shows one of SECTIONS at a time in place of one table.
    sections = False

    def get_live(self, request, instance) -> Live:
        raise NotImplementedError

    def get_rows(self, request, instance, live: Live):
        """The queryset of the table, or None for no table."""
        return

    def get_row_actions(self, request) -> Sequence[type[ObjectAction]]:
        """What the user may do to selected rows of the table."""
        return ()

    def get_target(self, request, instance, live: Live) -> Target | None:
        """Whose sections are shown, where there are any."""
        raise NotImplementedError

    def get(self, request, **kwargs):
        instance = self.get_object(**kwargs)
        live = self.get_live(request, instance)
        context = {
            'object': instance,
            'live': live,
            'live_layout': self.live_layout,
            'controls_template': self.controls_template,
            'changed_event': CHANGED_EVENT,
            **live.context,
        }
        if htmx_partial(request) and 'live' in request.GET:
            response = render(request, 'netbox_netops/inc/live.html', {**context, 'out_of_band': True})
            if live.token != request.GET['live']:
                response['HX-Trigger'] = CHANGED_EVENT
            return response

        context.update(self.get_table_context(request, instance, live))
        if htmx_partial(request):
            return render(request, 'netbox_netops/inc/live_table.html', context)

        return render(
            request,
            self.template_name,
            {
                **context,
                'actions': self.get_permitted_actions(request.user, model=instance),
                'tab': self.tab,
                'layout': self.layout,
                **self.get_extra_context(request, instance),
            },
        )

    def get_table_context(self, request, instance, live: Live) -> dict[str, Any]:
        if self.sections:
            return self.get_section_context(request, self.get_target(request, instance, live))
        rows = self.get_rows(request, instance, live)
        if rows is None:
            return {'table': None}
        if self.filterset is not None:
            rows = self.filterset(request.GET, rows, request=request).qs
        actions = self.get_row_actions(request)
        context = self.make_table(request, rows, self.table, bulk_actions=bool(actions))
        for name in self.hidden_columns:
            context['table'].columns.hide(name)
        return {
            **context,
            'table_title': self.table_title,
            'table_actions': actions,
            'table_model': rows.model,
            'return_url': request.get_full_path(),
        }

    def get_section_context(self, request, target: Target | None) -> dict[str, Any]:
        if target is None:
            return {'table': None}
        section = chosen_section(request)
        counts = facts.counts(target)
        rows = section.rows().filter(target=target)
        model = rows.model
        actions = [
            action
            for action in section.actions
            if request.user.has_perms([get_permission_for_model(model, name) for name in action.permissions_required])
        ]
        found = section.filterset(request.GET, rows, request=request).qs
        return {
            **self.make_table(request, found, section.table, bulk_actions=bool(actions)),
            'section': section.slug,
            'section_tabs': section_tabs(section, counts),
            'section_facets': section_facets(section, request, rows, counts),
            'section_problems': section_problems(section, target),
            'table_actions': actions,
            'table_model': model,
            'return_url': f'{request.path}?section={section.slug}',
            'never_scanned': target.latest_scan is None,
        }

    def make_table(self, request, rows, table_class, bulk_actions: bool = False) -> dict[str, Any]:
        self.table = table_class
        table = self.get_table(rows, request, bulk_actions=bulk_actions)
        return {
            'table': table,
            'table_config': f'{table.name}_config',
            'table_configs': get_table_configs(table, request.user),
        }
