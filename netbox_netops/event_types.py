"""NetOps's own types of events, by name. What each means, and its payload: docs/reference/events.md."""

from django.utils.translation import gettext_lazy as _
from netbox.events import (
    EVENT_TYPE_KIND_DANGER,
    EVENT_TYPE_KIND_INFO,
    EVENT_TYPE_KIND_SUCCESS,
    EVENT_TYPE_KIND_WARNING,
    EventType,
)

__all__ = (
    'BGP_DOWN',
    'BGP_UP',
    'CREDENTIAL_REJECTED',
    'CREDENTIAL_STOPPED',
    'DEVICE_REACHABLE',
    'DEVICE_UNREACHABLE',
    'HOST_KEY_CHANGED',
    'RUN_FAILED',
    'RUN_FINISHED',
    'register',
)

RUN_FINISHED = 'netops_run_finished'
RUN_FAILED = 'netops_run_failed'
DEVICE_UNREACHABLE = 'netops_device_unreachable'
DEVICE_REACHABLE = 'netops_device_reachable'
CREDENTIAL_REJECTED = 'netops_credential_rejected'
CREDENTIAL_STOPPED = 'netops_credential_stopped'
HOST_KEY_CHANGED = 'netops_host_key_changed'
BGP_DOWN = 'netops_bgp_down'
BGP_UP = 'netops_bgp_up'


class _EventType(EventType):
    """With a text in the language of whoever reads it; NetBox's own are translated once, when it starts."""

    def __str__(self):
        return str(self.text)


_TYPES = (
    _EventType(RUN_FINISHED, _('NetOps: run finished'), EVENT_TYPE_KIND_INFO),
    _EventType(RUN_FAILED, _('NetOps: run failed'), EVENT_TYPE_KIND_DANGER),
    _EventType(DEVICE_UNREACHABLE, _('NetOps: device unreachable'), EVENT_TYPE_KIND_DANGER),
    _EventType(DEVICE_REACHABLE, _('NetOps: device reachable again'), EVENT_TYPE_KIND_SUCCESS),
    _EventType(CREDENTIAL_REJECTED, _('NetOps: credential rejected'), EVENT_TYPE_KIND_WARNING),
    _EventType(CREDENTIAL_STOPPED, _('NetOps: credential stopped'), EVENT_TYPE_KIND_DANGER),
    _EventType(HOST_KEY_CHANGED, _('NetOps: host key changed'), EVENT_TYPE_KIND_DANGER),
    _EventType(BGP_DOWN, _('NetOps: BGP session down'), EVENT_TYPE_KIND_DANGER),
    _EventType(BGP_UP, _('NetOps: BGP session up'), EVENT_TYPE_KIND_SUCCESS),
)


def register() -> None:
    for event_type in _TYPES:
        event_type.register()
