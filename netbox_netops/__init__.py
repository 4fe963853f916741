"""NetOps for NetBox: the plugin. Everything here needs Django; the engine lives in `netops_worker`."""

from netbox.plugins import PluginConfig

from netops_worker import __version__

__all__ = ('NetOpsConfig', 'config')


class NetOpsConfig(PluginConfig):
    name = 'netbox_netops'
    verbose_name = 'NetOps'
    description = 'Network operations as background jobs: inventory sync, SNMP scans, and what they found.'
    version = __version__
    author = 'The NetOps for NetBox authors'
    base_url = 'netops'
    min_version = '4.7.0'
    max_version = '4.7.99'
    # Behind NetBox's own processor of events, which calls the actions of event rules.
    events_pipeline = ['netbox_netops.event_rules.dispatch_collected']

    def import_models(self):
        super().import_models()
        from . import event_types

        # NetBox's form of event rules offers the types that are there when it is imported: by NetBox's own `ready()`,
        # before that of any plugin.
        event_types.register()

    def ready(self):
        super().ready()

        from django.conf import settings

        # Imported for their side effects: each registers itself with NetBox or Django.
        from . import assignment, binding, checks, events, logs, permissions, signals
        from .jobs import tick
        from .settings import get_settings

        logs.connect()
        permissions.register()
        signals.connect()
        assignment.connect()
        binding.connect()
        events.connect()
        checks.connect()
        tick.register()
        # In front of NetBox's own; what is named as `middleware` of a plugin comes behind them.
        settings.MIDDLEWARE = ['netbox_netops.middleware.HealthMiddleware', *settings.MIDDLEWARE]
        # A mistake in PLUGINS_CONFIG stops the start with a clear message instead of failing a job at night.
        get_settings()


config = NetOpsConfig
