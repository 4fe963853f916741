import pytest

from .servers import Devices


@pytest.fixture(scope='module')
def devices():
    with Devices() as running:
        yield running
