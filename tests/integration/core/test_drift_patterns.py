"""Patterns of names mean the same to Python, which checks them at start-up, and to PostgreSQL, which uses them."""

import re

import pytest
from django.db import connection

from netbox_netops.drift.patterns import DEFAULT_PATTERNS, check_pattern, combined

NAMES = (
    *('Null0', 'lo', 'lo0', 'Gi0/0-mpls layer', 'unrouted VLAN 1', 'ge-0/0/0.0', 'ge-0/0/0', 'docker0', 'a(b)', 'x{2}'),
    *('', 'Vlan1', 'StackPort1', 'Ünïcode', 'a\\b', 'tunl0', 'br-0a1b', 'xe-0/0/1:2.16386', 'a.b*c+d?e^f$g|h[i]'),
)
GOOD = (
    *DEFAULT_PATTERNS,
    r'^x\{2\}$',
    r'[^a-z]',
    r'\w+\s\w',
    r'(a|b)+?',
    r'o{1,3}',
    r'^[\d./-]+$',
    r'\\',
    r'^$',
    'a||b',
)
BAD = (
    *('(', 'a**', 'a++', 'a{2}{3}', '[', r'\b', r'(?P<x>a)', r'(?i)a', r'(?=a)', r'(?<!a)', r'(a)\1', 'a{999}', '*a'),
    *('[[:alpha:]]', 'a{,3}', r'\Aa', 'x{', '[a-c-e]', '[z-a]'),
)


@pytest.mark.parametrize('pattern', GOOD)
@pytest.mark.django_db
def test_both_find_the_same(pattern):
    assert check_pattern(pattern) == ''
    with connection.cursor() as cursor:
        cursor.execute('SELECT name FROM unnest(%s::text[]) name WHERE name ~* %s', [list(NAMES), combined([pattern])])
        found = {row[0] for row in cursor.fetchall()}
    assert found == {name for name in NAMES if re.search(pattern, name, re.IGNORECASE)}


@pytest.mark.parametrize('pattern', BAD)
def test_refused(pattern):
    assert check_pattern(pattern)


def test_none_matches_nothing():
    assert combined([]) is None
