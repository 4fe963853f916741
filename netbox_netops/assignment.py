"""Which gateway operates what: RunTargets that wait follow the sites of their targets.

Dispatch assigns new ones. Here they are assigned anew when gateways change, and by the tick, which catches the rest:
targets that moved to another site, rows that were at work when their gateway changed, and requests at the same moment.
"""

import threading
from collections.abc import Iterable

from dcim.models import Site
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete
from django.utils.translation import gettext as _

from netops_worker.log import get_logger

from .dispatch import ring_all
from .models import Gateway, GatewaySite, RunTarget

__all__ = (
    'check_sites',
    'connect',
    'reassign',
)

logger = get_logger('netbox.netbox_netops.assignment')


def check_sites(sites: Iterable[Site], gateway: Gateway | None) -> None:
    """Raises ValidationError naming the gateway that serves one of these sites, if it is not this one."""
    others = GatewaySite.objects.filter(site__in=[site.pk for site in sites])
    if gateway is not None and gateway.pk:
        others = others.exclude(gateway=gateway)
    if taken := list(others.select_related('gateway', 'site').order_by('site__name')):
        raise ValidationError(
            [
                _('The site {site} is served by the gateway {gateway} already.').format(
                    site=other.site, gateway=other.gateway
                )
                for other in taken
            ]
        )


def reassign() -> set[int]:
    """Give waiting rows to whoever serves their targets now. Returns their runs, which need a bell."""
    # Rows of a gateway that was deleted have none any more, by the foreign key.
    if not Gateway.objects.exists():
        return set()
    with transaction.atomic(), connection.cursor() as cursor:
        # Rows that somebody is looking at are left to the next tick.
        cursor.execute(
            """
            WITH moved AS (
                SELECT w.id, g.id AS gateway FROM netbox_netops_runtarget w
                JOIN netbox_netops_target t ON t.id = w.target_id
                LEFT JOIN netbox_netops_gatewaysite s ON s.site_id = t.site_id
                LEFT JOIN netbox_netops_gateway g ON g.id = s.gateway_id AND g.enabled
                WHERE w.state = 'waiting' AND w.gateway_id IS DISTINCT FROM g.id
                ORDER BY w.id FOR UPDATE OF w SKIP LOCKED
            )
            UPDATE netbox_netops_runtarget w SET
                gateway_id = moved.gateway, blocked = CASE w.blocked WHEN 'waiting:gateway' THEN '' ELSE w.blocked END
            FROM moved WHERE w.id = moved.id
            RETURNING w.run_id
            """
        )
        return {row[0] for row in cursor.fetchall()}


class _Pending(threading.local):
    """What the current thread's transaction has changed. Left-overs of a roll-back are dealt with next time."""

    changed = False

    def __init__(self):
        self.runs: set[int] = set()


_pending = _Pending()


def connect() -> None:
    m2m_changed.connect(_sites_changed, sender=GatewaySite, dispatch_uid='netops_gateway_sites')
    post_save.connect(_changed, sender=Gateway, dispatch_uid='netops_gateway_saved')
    # With its site.
    post_delete.connect(_changed, sender=GatewaySite, dispatch_uid='netops_gateway_site_deleted')
    pre_delete.connect(_deleted, sender=Gateway, dispatch_uid='netops_gateway_deleted')


def _sites_changed(action, **kwargs):
    if action.startswith('post_'):
        _changed()


def _changed(raw=False, **kwargs):
    if not raw:
        _pending.changed = True
        transaction.on_commit(_follow)


def _deleted(instance, **kwargs):
    """The database takes the gateway off its rows: then the workers inside of NetBox have to hear of them."""
    waiting = RunTarget.objects.filter(gateway=instance, state='waiting').order_by()
    _pending.runs.update(waiting.values_list('run_id', flat=True).distinct())
    _changed()


def _follow():
    if not _pending.changed:
        return
    runs = set(_pending.runs)
    _pending.changed, _pending.runs = False, set()
    try:
        ring_all(runs | reassign())
    except Exception:
        # The user's change is already committed; the tick assigns and rings, too.
        logger.exception('Waiting work was not assigned to the gateways that serve it now')
