from ..kinds import DEVICE_SCAN
from .base import DrainJob

__all__ = ('DeviceScanJob',)


class DeviceScanJob(DrainJob):
    kind = DEVICE_SCAN

    class Meta:
        name = 'NetOps device scan'
