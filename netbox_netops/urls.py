from django.urls import include, path
from utilities.urls import get_model_urls

# Imported for its side effect: the views register themselves, also those on NetBox's own models.
from . import views  # noqa: F401

_PREFIXES = {
    'addressstate': 'address-states',
    'bgppeerstate': 'bgp-peer-states',
    'credential': 'credentials',
    'difference': 'differences',
    'interfacestate': 'interface-states',
    'inventorystate': 'inventory-states',
    'neighbourstate': 'neighbour-states',
    'run': 'runs',
    'runtarget': 'run-targets',
    'scanresult': 'scan-results',
    'systemstate': 'system-states',
    'target': 'targets',
}

urlpatterns = []
for _model, _prefix in _PREFIXES.items():
    urlpatterns += [
        path(f'{_prefix}/', include(get_model_urls('netbox_netops', _model, detail=False))),
        path(f'{_prefix}/<int:pk>/', include(get_model_urls('netbox_netops', _model))),
    ]
