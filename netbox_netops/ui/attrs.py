"""Attributes that NetBox's own set does not have."""

from django.utils.translation import gettext
from netbox.ui.attrs import ObjectAttribute, TemplatedAttr, TextAttr
from utilities.string import humanize_duration

from netops_worker.errors import ERRORS

from ..errors import error_url
from . import format as fmt

__all__ = (
    'AttemptAttr',
    'ElapsedAttr',
    'ErrorAttr',
    'NextAttemptAttr',
    'ReachabilityAttr',
    'RestrictedObjectAttr',
    'UptimeAttr',
)


class ErrorAttr(ObjectAttribute):
    """An error code with what happened, what to do, and the detail found beside it."""

    template_name = 'netbox_netops/attrs/error.html'

    def __init__(self, *args, detail: str = '', **kwargs):
        super().__init__(*args, **kwargs)
        self.detail = detail

    def get_context(self, obj, attr, value, context):
        info = ERRORS.get(value)
        return {
            'title': gettext(info.title) if info else '',
            'hint': gettext(info.hint) if info else '',
            'url': error_url(value),
            'detail': getattr(obj, self.detail, '') if self.detail else '',
        }


class ReachabilityAttr(TemplatedAttr):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, template_name='netbox_netops/attrs/reachability.html', **kwargs)

    def get_context(self, obj, attr, value, context):
        return {**super().get_context(obj, attr, value, context), 'age': fmt.age(obj.reachability_since)}


class RestrictedObjectAttr(ObjectAttribute):
    """A related object, named and linked only for those who may view its model."""

    template_name = 'ui/attrs/object.html'

    def __init__(self, *args, permission: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.permission = permission

    def get_context(self, obj, attr, value, context):
        return {'linkify': True}

    def render(self, obj, context):
        app_label, codename = self.permission.split('.')
        if not context['perms'] or not context['perms'][app_label][codename]:
            return self.placeholder
        return super().render(obj, context)


class AttemptAttr(TextAttr):
    """Which attempt a run target is at, of how many at most."""

    def get_value(self, obj):
        return fmt.attempt(super().get_value(obj), obj.run.kind)


class NextAttemptAttr(TextAttr):
    """In how long, and when."""

    def get_value(self, obj):
        moment = super().get_value(obj)
        return f'{fmt.until(moment)} ({fmt.timestamp(moment)})' if moment else None


class ElapsedAttr(TextAttr):
    """The time from `started` to `finished`, or until now."""

    def get_value(self, obj):
        return humanize_duration(fmt.elapsed(obj.started, obj.finished)) or None if obj else None


class UptimeAttr(TextAttr):
    def get_value(self, obj):
        return fmt.uptime(super().get_value(obj)) or None
