"""For all tests: makes `lab` importable, and decides what a missing component of the system means."""

import os
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
if str(CHECKOUT) not in sys.path:
    sys.path.insert(0, str(CHECKOUT))

# Debian packages of programs that are not called like their package.
PACKAGES = {
    # Without any font a page has no text to look at.
    'chromium': ('chromium', 'fonts-dejavu-core'),
    'snmpbulkwalk': ('snmp',),
    'snmpget': ('snmp',),
    'snmpwalk': ('snmp',),
}


@pytest.fixture(scope='session')
def program():
    """`program('snmpd')`: path of a program of the system, installed by apt where that is allowed.

    Without it the test is skipped; with CI=true it fails, so that nothing stays untested there.
    """
    from lab.system import find_program, install_packages

    def find(name: str, *packages: str) -> str:
        packages = packages or PACKAGES.get(name, (name,))
        path = find_program(name)
        if path is None and install_packages(*packages):
            path = find_program(name)
        if path is None:
            reason = f'The program {name} is missing: install the Debian package {packages[0]}.'
            if os.environ.get('CI') == 'true':
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return find
