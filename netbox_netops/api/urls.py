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
router.register('scan-results', views.ScanResultViewSet)
router.register('interface-states', views.InterfaceStateViewSet)

urlpatterns = router.urls
