"""Readiness: for each kind of run, what a target has and what it lacks, with the place where that is fixed."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from netops_worker.errors import ERRORS

from .choices import TargetStatusChoices
from .kinds import KINDS, Kind
from .matching import credentials_for
from .models import Credential, Target

__all__ = (
    'ReadinessItem',
    'readiness',
)


@dataclass(frozen=True, slots=True)
class ReadinessItem:
    """One check for one kind of run. What is not `required` only makes the run better.

    `url` and `action` lead to where it is fixed; both are empty for those who may not fix it.
    """

    kind: str
    check: str
    ok: bool
    text: str
    required: bool = True
    url: str = ''
    action: str = ''


# Returns what was found (ok, text, required), and the link that fixes it.
_Finding = tuple[bool, str, bool, tuple[str, str]]
_NO_FIX = ('', '')


def readiness(target: Target, user) -> list[ReadinessItem]:
    """All checks of all kinds that run on single targets, in the order in which a run meets them."""
    kinds = [kind for kind in KINDS.values() if kind.per_target]
    protocols = {protocol for kind in kinds for protocol in kind.protocols}
    credentials = credentials_for([target], protocols)[target.pk]
    items = []
    for kind in kinds:
        for check, finder in _CHECKS.items():
            if check == 'credential':
                if not kind.protocols:
                    continue
                finding = _credential(target, user, kind, [c for c in credentials if c.protocol in kind.protocols])
            else:
                finding = finder(target, user)
            ok, text, required, (url, action) = finding
            items.append(
                ReadinessItem(kind=kind.slug, check=check, ok=ok, text=text, required=required, url=url, action=action)
            )
    return items


def _status(target: Target, user) -> _Finding:
    if target.status == TargetStatusChoices.RETIRED:
        return False, _problem('target:retired'), True, _edit_object(target, user)
    if target.status == TargetStatusChoices.DISABLED:
        return False, _problem('target:disabled'), True, _config_context(target, user)
    return True, _('Operated by NetOps'), True, _NO_FIX


def _address(target: Target, user) -> _Finding:
    if target.address:
        return True, _('Address {address}').format(address=target.address), True, _NO_FIX
    return False, _problem('target:no-address'), True, _edit_object(target, user)


def _credential(target: Target, user, kind: Kind, credentials: list[Credential]) -> _Finding:
    if not credentials:
        return False, _problem('credential:none'), True, _add_credential(target, user, kind)
    visible = set(
        Credential.objects.restrict(user, 'view')
        .filter(pk__in=[credential.pk for credential in credentials])
        .values_list('pk', flat=True)
    )
    names = [credential.name for credential in credentials if credential.pk in visible]
    if not names:
        return True, _('Credentials that apply: {count}').format(count=len(credentials)), True, _NO_FIX
    return True, _('Credentials that apply: {names}').format(names=', '.join(names)), True, _NO_FIX


def _options(target: Target, user) -> _Finding:
    if target.options_error:
        text = f'{_(ERRORS["target:invalid-options"].title)}: {target.options_error}'
        return False, text, True, _config_context(target, user)
    if target.options:
        return True, _('The config context is valid'), True, _NO_FIX
    return True, _('No options in the config context; the defaults apply'), True, _NO_FIX


def _platform(target: Target, user) -> _Finding:
    if target.platform_id:
        return True, _('Platform {platform}').format(platform=target.platform), False, _NO_FIX
    return (
        False,
        _('No platform; recommended, so that credentials and drivers can be chosen by it'),
        False,
        (_edit_object(target, user)),
    )


_CHECKS: dict[str, Callable[[Target, object], _Finding]] = {
    'status': _status,
    'address': _address,
    'credential': _credential,
    'options': _options,
    'platform': _platform,
}


def _problem(code: str) -> str:
    info = ERRORS[code]
    return f'{_(info.title)}. {_(info.hint)}'


def _edit_object(target: Target, user) -> tuple[str, str]:
    obj = target.object
    if obj is None:
        return _NO_FIX
    if target.device_id and user.has_perm('dcim.change_device', obj):
        return reverse('dcim:device_edit', args=[obj.pk]), _('Edit device')
    if target.virtual_machine_id and user.has_perm('virtualization.change_virtualmachine', obj):
        return reverse('virtualization:virtualmachine_edit', args=[obj.pk]), _('Edit virtual machine')
    return _NO_FIX


def _config_context(target: Target, user) -> tuple[str, str]:
    """The tab that shows the merged context and each config context it comes from."""
    obj = target.object
    if obj is None or not user.has_perm('extras.view_configcontext'):
        return _NO_FIX
    viewname = 'dcim:device_configcontext' if target.device_id else 'virtualization:virtualmachine_configcontext'
    return reverse(viewname, args=[obj.pk]), _('Config context')


def _add_credential(target: Target, user, kind: Kind) -> tuple[str, str]:
    """The form, with the narrowest usual scope filled in: a credential without any would be tried everywhere."""
    if not user.has_perms(('netbox_netops.add_credential', 'netbox_netops.netops_bind_secret_credential')):
        return _NO_FIX
    # The field's own default where the kind can use it: what most devices speak.
    default = Credential._meta.get_field('protocol').default
    params = {'protocol': default if default in kind.protocols else kind.protocols[0]}
    for field, value in (
        ('sites', target.site_id),
        ('tenants', target.tenant_id),
        ('roles', target.role_id),
        ('platforms', target.platform_id),
    ):
        if value:
            params[field] = value
            break
    return f'{reverse("plugins:netbox_netops:credential_add")}?{urlencode(params)}', _('Add credential')
