from netbox.api.routers import NetBoxRouter
from rest_framework.routers import APIRootView

from . import views

__all__ = ('urlpatterns',)


class NetOpsRootView(APIRootView):
    def get_view_name(self):
        return 'NetOps'


router = NetBoxRouter()
router.APIRootView = NetOpsRootView
router.register('targets', views.TargetViewSet)
router.register('runs', views.RunViewSet)
router.register('run-targets', views.RunTargetViewSet)
router.register('credentials', views.CredentialViewSet)
router.register('credential-changes', views.CredentialChangeViewSet)
router.register('credential-statuses', views.CredentialStatusViewSet)
router.register('host-keys', views.HostKeyViewSet)
router.register('secret-accesses', views.SecretAccessViewSet)
router.register('gateways', views.GatewayViewSet)
router.register('pauses', views.PauseViewSet)
router.register('policies', views.PolicyViewSet)
router.register('queue', views.QueueViewSet, basename='queue')
router.register('scan-results', views.ScanResultViewSet)
router.register('system-states', views.SystemStateViewSet)
router.register('interface-states', views.InterfaceStateViewSet)
router.register('address-states', views.AddressStateViewSet)
router.register('inventory-states', views.InventoryStateViewSet)
router.register('neighbour-states', views.NeighbourStateViewSet)
router.register('bgp-peer-states', views.BGPPeerStateViewSet)
router.register('differences', views.DifferenceViewSet)

urlpatterns = router.urls
