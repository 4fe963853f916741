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

    def ready(self):
        super().ready()

        # Imported for their side effects: each registers itself with NetBox or Django.
        from . import permissions, signals
        from .jobs import tick
        from .settings import get_settings

        permissions.register()
        signals.connect()
        tick.register()
        # A mistake in PLUGINS_CONFIG stops the start with a clear message instead of failing a job at night.
        get_settings()


config = NetOpsConfig
