from collections.abc import Sequence
from dataclasses import replace

from django.db import DataError, IntegrityError, OperationalError, transaction

from netops_worker.log import get_logger
from netops_worker.wire import Result

from ..kinds import CREDENTIAL_CHECK, DEVICE_SCAN
from ..lifecycle import finish, release_limits, settle
from .credentials import merge_checks
from .resolutions import note_resolutions
from .scans import merge_scans

__all__ = ('ResultSink',)

logger = get_logger('netbox.netbox_netops.results')

# SQLSTATE of a deadlock and of a serialization failure.
_GIVE_WAY = ('40P01', '40001')

# What a device or a worker at a POP can cause by the values it sends. A database that is down is something else, and
# the exception of RQ's time-out must pass.
_BAD_DATA = (DataError, IntegrityError, ValueError, TypeError, AttributeError, KeyError, OverflowError)


class ResultSink:
    """The engine's Sink inside NetBox."""

    def write(self, results: Sequence[Result]) -> int:
        """Store results whose lease is still valid; returns how many. The others leave no trace but a log line.

        A result that PostgreSQL will not take fails alone: it must not take its whole batch with it.
        """
        try:
            return self._write_patiently(results)
        except _BAD_DATA:
            if len(results) == 1:
                result = results[0]
                logger.exception(f'Result of run target {result.task} cannot be stored')
                return self._write([replace(result, ok=False, error_code='result:invalid', error_detail='', data={})])
        middle = len(results) // 2
        return self.write(results[:middle]) + self.write(results[middle:])

    def _write_patiently(self, results: Sequence[Result]) -> int:
        for left in (2, 1, 0):
            try:
                return self._write(results)
            except OperationalError as error:
                # Two writers waited for each other and PostgreSQL chose us to give way: nothing was written, try again.
                if not left or getattr(error.__cause__, 'sqlstate', None) not in _GIVE_WAY:
                    raise
        raise AssertionError('unreachable')

    def _write(self, results: Sequence[Result]) -> int:
        with transaction.atomic():
            accepted = finish(results)
            taken = [result for result in results if result.task in accepted]
            if len(taken) < len(results):
                logger.warning(f'{len(results) - len(taken)} results refused: their lease is not valid any more')
            # A scan that was broken off says nothing about the device.
            if scans := [
                result
                for result in taken
                if result.kind == DEVICE_SCAN and not result.error_code.startswith('cancelled:')
            ]:
                merge_scans(scans)
            # What was checked until it was broken off was checked.
            if checks := [result for result in taken if result.kind == CREDENTIAL_CHECK]:
                merge_checks(checks)
            note_resolutions(taken)
            settle({result.run for result in taken})
        release_limits(results)
        return len(taken)
