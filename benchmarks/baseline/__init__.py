"""The obvious stack as an ordinary NetBox plugin: one core job per device, pysnmp, save() per row, our models."""

from netbox.plugins import PluginConfig


class BaselineConfig(PluginConfig):
    name = 'benchmarks.baseline'
    verbose_name = 'Baseline'
    version = '0'
    base_url = 'netops-baseline'

    def ready(self):
        super().ready()
        # Once in the worker, before it forks: to import pysnmp anew for every job would cost twice all the rest.
        from . import jobs  # noqa: F401


config = BaselineConfig
