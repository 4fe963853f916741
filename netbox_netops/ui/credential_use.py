"""The credentials of one target, as its page shows them; and how one credential fares in the fleet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from netbox.ui import panels
from utilities.views import get_action_url

from ..choices import HostKeyStateChoices, VerdictChoices
from ..errors import error_badge
from ..kinds import KINDS
from ..matching import DIMENSIONS, Match, explain
from ..models import Credential, CredentialStatus, HostKey, Target

__all__ = (
    'FleetPanel',
    'TargetCredentialsPanel',
    'fleet_numbers',
)


@dataclass(frozen=True, slots=True)
class _Use:
    """A credential of a target. `why`: [(label of the dimension, object of its scope)]."""

    credential: Credential
    why: list[tuple[str, Any]]
    status: CredentialStatus | None
    paused_until: datetime | None

    @property
    def reason(self):
        """Why it is not used, or does not work."""
        code = self.credential.stopped_code if self.credential.stopped else self.status.code if self.status else ''
        return error_badge(code, compact=True)


class TargetCredentialsPanel(panels.ObjectPanel):
    """Which credentials apply, why, in the order in which they are tried, and whether they work; and the host keys.

    Of those that the reader may not view only the number is told.
    """

    accessor = 'state.target'
    template_name = 'netbox_netops/panels/target_credentials.html'
    title = _('Credentials')

    def get_context(self, context):
        context = super().get_context(context)
        target, user = context['object'], context['request'].user
        if target is None:
            return context
        protocols = {protocol for kind in KINDS.values() if kind.per_target for protocol in kind.protocols}
        matches = explain(target, protocols)
        viewable = Credential.objects.restrict(user, 'view').filter(pk__in=[item.credential.pk for item in matches])
        shown = set(viewable.values_list('pk', flat=True))
        uses = _uses(target, [match for match in matches if match.credential.pk in shown])
        keys = list(HostKey.objects.filter(target=target).exclude(state=HostKeyStateChoices.REJECTED))
        return {
            **context,
            'uses': uses,
            'hidden': len(matches) - len(uses),
            'keys': keys,
            'pending': any(key.state == HostKeyStateChoices.PENDING for key in keys),
            'keys_linked': user.has_perm('netbox_netops.view_hostkey'),
        }

    def should_render(self, context):
        return context['object'] is not None


def _uses(target: Target, matches: list[Match]) -> list[_Use]:
    statuses = {
        status.credential_id: status
        for status in CredentialStatus.objects.filter(
            target=target, credential__in=[match.credential.pk for match in matches]
        )
    }
    objects = {}
    for dimension in DIMENSIONS:
        if named := {match.why[dimension.name] for match in matches if dimension.name in match.why}:
            objects[dimension.name] = dimension.model.objects.in_bulk(named)
    now = timezone.now()
    uses = []
    for match in matches:
        status = statuses.get(match.credential.pk)
        until = status.paused_until if status else None
        why = [
            (Credential._meta.get_field(name).verbose_name, objects[name][pk])
            for name, pk in match.why.items()
            if pk in objects[name]
        ]
        uses.append(_Use(match.credential, why, status, until if until and until > now else None))
    return uses


# In the fleet


@dataclass(frozen=True, slots=True)
class Number:
    label: str
    color: str
    count: int
    url: str


def fleet_numbers(credential: Credential, user) -> list[Number]:
    """On how many targets it works, is rejected, and is not known: of those the user may view, with links to them."""
    rows = CredentialStatus.objects.restrict(user, 'view').filter(credential=credential).order_by()
    found = dict(rows.values_list('verdict').annotate(number=Count('pk')))
    listed = get_action_url(CredentialStatus, action='list')
    return [
        Number(
            label,
            VerdictChoices.colors[verdict],
            found.get(verdict, 0),
            f'{listed}?{urlencode({"credential_id": credential.pk, "verdict": verdict})}',
        )
        for verdict, label in VerdictChoices
    ]


class FleetPanel(panels.ObjectPanel):
    """The numbers come from the view."""

    template_name = 'netbox_netops/panels/credential_fleet.html'
    title = _('On the devices')

    def get_context(self, context):
        return {**super().get_context(context), 'numbers': context.get('numbers')}

    def should_render(self, context):
        return bool(context['numbers'])
