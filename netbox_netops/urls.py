from django.urls import include, path
from utilities.urls import get_model_urls

# Imported for its side effect: the views register themselves, also those on NetBox's own models.
from . import views

_PREFIXES = {
    'addressstate': 'address-states',
    'bgppeerstate': 'bgp-peer-states',
    'credential': 'credentials',
    'credentialchange': 'credential-changes',
    'credentialstatus': 'credential-statuses',
    'difference': 'differences',
    'gateway': 'gateways',
    'hostkey': 'host-keys',
    'interfacestate': 'interface-states',
    'inventorystate': 'inventory-states',
    'neighbourstate': 'neighbour-states',
    'policy': 'policies',
    'run': 'runs',
    'runtarget': 'run-targets',
    'scanresult': 'scan-results',
    'secretaccess': 'secret-accesses',
    'systemstate': 'system-states',
    'target': 'targets',
}

urlpatterns = [
    path('errors/<str:code>/', views.ErrorView.as_view(), name='error'),
    path('health/', views.HealthView.as_view(), name='health'),
    path('health/worker/', views.HealthView.as_view(), name='health_worker'),
    path('metrics/', views.MetricsView.as_view(), name='metrics'),
    path('queue/', views.QueueView.as_view(), name='queue'),
    path('queue/<str:kind>/pause/', views.PauseKindView.as_view(), name='queue_pause'),
    path('queue/<str:kind>/resume/', views.ResumeKindView.as_view(), name='queue_resume'),
]
for _model, _prefix in _PREFIXES.items():
    urlpatterns += [
        path(f'{_prefix}/', include(get_model_urls('netbox_netops', _model, detail=False))),
        path(f'{_prefix}/<int:pk>/', include(get_model_urls('netbox_netops', _model))),
    ]
