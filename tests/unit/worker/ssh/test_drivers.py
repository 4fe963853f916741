"""The drivers of platforms are those that netmiko has."""

import re

from netmiko.ssh_dispatcher import CLASS_MAPPER_BASE

from netops_worker.probes.ssh.drivers import DRIVERS, driver_for, is_driver


def test_every_driver_exists():
    """Nothing is mapped to a driver that netmiko does not have."""
    assert set(DRIVERS.values()) - set(CLASS_MAPPER_BASE) == set()


def test_slugs():
    """Keys have the form of a slug, so that they can be found."""
    assert [slug for slug in DRIVERS if not re.fullmatch(r'[a-z0-9]+(-[a-z0-9]+)*', slug)] == []


def test_lookup():
    """By slug, in either spelling; unknown is told."""
    assert driver_for('cisco-ios') == 'cisco_ios'
    assert driver_for('Cisco_IOS') == 'cisco_ios'
    assert driver_for('huawei-vrp') == 'huawei_vrp'
    assert driver_for('datacom-dmos') == ''
    assert is_driver('arista_eos')
    assert not is_driver('arista_eos_telnet')
    assert not is_driver('autodetect')
