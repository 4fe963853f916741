"""Health checks are answered before NetBox's own middleware when that could hang."""

from collections.abc import Mapping
from functools import cached_property

from django.urls import reverse

from .health import WEB, WORKER, check
from .views.monitoring import has_metrics_token, health_answer

__all__ = ('HealthMiddleware',)

_METHODS = ('GET', 'HEAD')


class HealthMiddleware:
    """Runs the checks, and answers itself when NetBox could not.

    For each request NetBox reads its configuration from the cache, and the session of a cookie from PostgreSQL. While
    one of them hangs so does every request, and while the cache is gone each is an error without a word about why.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    @cached_property
    def _checks(self) -> Mapping[str, tuple]:
        """{path: checks}. Not known before all of NetBox's URLs are loaded."""
        return {
            reverse('plugins:netbox_netops:health'): WEB,
            reverse('plugins:netbox_netops:health_worker'): WORKER,
        }

    def __call__(self, request):
        checks = self._checks.get(request.path)
        if checks is None or request.method not in _METHODS:
            return self.get_response(request)
        request.netops_health = check(checks)
        if all(request.netops_health[name].ok for name in ('cache', 'database')):
            return self.get_response(request)
        # Who is asking, only PostgreSQL knows.
        return health_answer(request.netops_health, detailed=has_metrics_token(request))
