from django.db.models import Q
from django.http import Http404
from drf_spectacular.utils import extend_schema
from netbox.api.viewsets import NetBoxModelViewSet
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.response import Response

from netops_worker.errors import NetOpsError

from ...filtersets import GatewayFilterSet
from ...models import Gateway
from ...serving import claim_tasks, given_up, note_worker, read_results, take_back, take_results
from ..parsers import BoundedJSONParser, TooLarge
from ..permissions import ServePermission
from ..serializers import GatewaySerializer
from ..serializers_ import serving

__all__ = ('GatewayViewSet',)

_SERVING = ('claim', 'results', 'control', 'hand_back')
_REFUSALS = {400: serving.GatewayRefusedSerializer, 413: serving.GatewayRefusedSerializer}
_ACTION = {'detail': True, 'methods': ['post'], 'filterset_class': None, 'parser_classes': (BoundedJSONParser,)}


class GatewayViewSet(NetBoxModelViewSet):
    """The work of a gateway is for its workers: where they are concerned, its slug is as good as its ID."""

    queryset = Gateway.objects.all()
    serializer_class = GatewaySerializer
    filterset_class = GatewayFilterSet

    def get_permissions(self):
        if self.action in _SERVING:
            return [ServePermission()]
        return super().get_permissions()

    def handle_exception(self, exc):
        if isinstance(exc, NetOpsError):
            return Response({'detail': exc.detail, 'code': exc.code}, status=status.HTTP_400_BAD_REQUEST)
        response = super().handle_exception(exc)
        if self.action in _SERVING and isinstance(exc, ParseError | TooLarge):
            response.data['code'] = 'wire:invalid' if isinstance(exc, ParseError) else 'wire:too-large'
        return response

    @extend_schema(
        request=serving.GatewayClaimSerializer, responses={200: serving.GatewayClaimedSerializer, **_REFUSALS}
    )
    @action(**_ACTION)
    def claim(self, request, pk):
        """
        Lease work of the gateway to a worker, whatever run it belongs to. The credentials of a task are references to
        secrets, which the worker resolves itself.
        """
        gateway, wanted = self._asked(request, pk, serving.GatewayClaimSerializer)
        tasks, again_after = claim_tasks(gateway, **wanted)
        return Response({'tasks': [task.to_json() for task in tasks], 'again_after': again_after})

    @extend_schema(
        request=serving.GatewayResultsSerializer, responses={200: serving.GatewayResultsTakenSerializer, **_REFUSALS}
    )
    @action(**_ACTION)
    def results(self, request, pk):
        """
        Report results. What belongs to another gateway, or whose lease is over, is not accepted, which is no error.
        """
        gateway, wanted = self._asked(request, pk, serving.GatewayResultsSerializer)
        return Response({'accepted': take_results(gateway, read_results(wanted['results']))})

    @extend_schema(
        request=serving.GatewayControlSerializer, responses={200: serving.GatewayControlledSerializer, **_REFUSALS}
    )
    @action(**_ACTION)
    def control(self, request, pk):
        """
        Say which tasks the worker has, and learn which of them it shall give up. With or without tasks it is a sign of
        life.
        """
        gateway, wanted = self._asked(request, pk, serving.GatewayControlSerializer)
        return Response({'cancelled': given_up(gateway, wanted['tasks']), 'gateway': gateway.slug})

    @extend_schema(
        request=serving.GatewayHandBackSerializer, responses={200: serving.GatewayHandedBackSerializer, **_REFUSALS}
    )
    @action(**_ACTION, url_path='hand-back')
    def hand_back(self, request, pk):
        """
        Let others have tasks that the worker does not finish.
        """
        gateway, wanted = self._asked(request, pk, serving.GatewayHandBackSerializer)
        leases = [(lease['task'], str(lease['lease_token'])) for lease in wanted['leases']]
        return Response({'handed_back': take_back(gateway, leases)})

    def _asked(self, request, pk, serializer_class):
        """The gateway, and the checked body."""
        by = Q(pk=int(pk)) if pk.isascii() and pk.isdecimal() and len(pk) < 19 else Q(slug=pk)
        gateway = Gateway.objects.restrict(request.user, 'netops_serve').filter(by).first()
        if gateway is None:
            raise Http404
        serializer = serializer_class(data=request.data)
        if not serializer.is_valid():
            raise NetOpsError('wire:invalid', '; '.join(_texts(serializer.errors)))
        wanted = dict(serializer.validated_data)
        note_worker(gateway, wanted['worker'])
        return gateway, wanted


def _texts(errors, path: str = ''):
    """The errors of a serializer, nested as they are, each as a text with the way to it."""
    if isinstance(errors, dict):
        for name, inner in errors.items():
            yield from _texts(inner, f'{path}.{name}' if path else str(name))
    else:
        yield f'{path}: {" ".join(map(str, errors))}'
