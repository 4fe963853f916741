"""What machines ask: metrics and health. Without NetBox's log-in page, since nobody is there to fill it in."""

import secrets
from collections.abc import Mapping

from django.db import DatabaseError
from django.http import HttpResponse, JsonResponse
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View
from netbox.api.authentication import TokenAuthentication
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from netops_worker.log import get_logger

from ..health import Health
from ..metrics import scrape
from ..settings import get_settings

__all__ = (
    'HealthView',
    'MetricsView',
    'has_metrics_token',
    'health_answer',
)

logger = get_logger('netbox.netbox_netops.monitoring')


def has_metrics_token(request) -> bool:
    token = get_settings().metrics_token
    scheme, _separator, given = get_authorization_header(request).partition(b' ')
    if token is None or scheme.lower() != b'bearer':
        return False
    return secrets.compare_digest(given.strip(), token.reveal().encode())


def _refusal(request) -> int:
    """0 for who may read numbers about the whole fleet, else the status of the answer."""
    if has_metrics_token(request):
        return 0
    try:
        user, _token = TokenAuthentication().authenticate(request) or (request.user, None)
    except AuthenticationFailed:
        return 401
    if not user.is_authenticated:
        return 401
    return 0 if user.has_perm('netbox_netops.view_run') else 403


@method_decorator(never_cache, name='dispatch')
class MetricsView(View):
    http_method_names = ('get', 'head', 'options')

    def get(self, request):
        try:
            if refusal := _refusal(request):
                headers = {'WWW-Authenticate': 'Bearer'} if refusal == 401 else {}
                return HttpResponse(status=refusal, headers=headers, content_type='text/plain')
            body, content_type = scrape(request.headers.get('Accept', ''))
        except DatabaseError as error:
            logger.warning('PostgreSQL does not answer: no metrics (%s)', type(error).__name__)
            return HttpResponse(status=503, content_type='text/plain')
        return HttpResponse(body, content_type=content_type)


class HealthView(View):
    """What the middleware found, with details for those who may read the metrics. See `middleware.py`."""

    http_method_names = ('get', 'head', 'options')

    def get(self, request):
        return health_answer(request.netops_health, detailed=not _refusal(request))


def health_answer(found: Mapping[str, Health], *, detailed: bool) -> HttpResponse:
    """200 or 503. Everybody learns which check failed, and only some what it found."""
    ok = all(health.ok for health in found.values())
    answer = {
        'status': _word(ok),
        'checks': {
            name: {'status': _word(health.ok), **health.details} if detailed else _word(health.ok)
            for name, health in found.items()
        },
    }
    response = JsonResponse(answer, status=200 if ok else 503)
    add_never_cache_headers(response)
    return response


def _word(ok: bool) -> str:
    return 'ok' if ok else 'fail'
