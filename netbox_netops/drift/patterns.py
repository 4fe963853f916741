"""Names of interfaces that nobody documents: regular expressions that Python checks and PostgreSQL carries out.

Only what both understand alike is allowed. A pattern that PostgreSQL refuses would keep every scan from being stored.
"""

import re
from collections.abc import Sequence

__all__ = (
    'DEFAULT_PATTERNS',
    'check_pattern',
    'combined',
)

DEFAULT_PATTERNS = (
    # Sinks, loopbacks of the operating system, and the processor's own ports
    r'^(voip-)?null[ -]?\d*$',
    r'^(lo|inloopback\d+|software loopback.*|loopback pseudo-interface.*)$',
    r'^(cpu|cpu interface.*|control plane interface|internal-data.*|sup-eth.*)$',
    # Cisco: layers of an interface listed beside it, VLANs without a router, stacking, sessions
    r'-.* layer$',
    r'^unrouted vlan',
    r'^(stackport|stacksub)',
    r'^(virtual-access|virtual-template|vi|vt)\d',
    r'^(nvi|efxs|embedded-service-engine|bluetooth)',
    # Junos: pseudo interfaces, internal units, and unit 0, which is documented as the port itself
    r'^(bme|cbp|demux|dsc|esi|fti|gre|ipip|jsrv|lsi|mtun|pfe|pfh|pimd|pime|pip|pp|rbeb|tap|vcp|vtep)[\d./-]*$',
    r'\.(1638[3-6]|3276[78])$',
    r'^[a-z]+[-\d][\d/:-]*\.0$',
    # Linux: containers, bridges of hypervisors, and the tunnels that the kernel makes by itself
    r'^(docker|veth|virbr|vnet|cali|cni|flannel|kube-|br-[0-9a-f]+$|fwbr|fwln|fwpr)',
    r'^(dummy|ip6tnl|sit|tunl|gre|gretap|erspan|ip_vti|ip6_vti|ip6gre|teql|ifb)0$',
    # Windows
    r'(wan miniport|teredo|isatap|6to4|kernel debug|packet scheduler|lightweight filter|native wifi filter)',
    # Fortinet
    r'^(ssl|naf|l2t)\.',
)

_TOKEN = re.compile(
    r"""
    (?P<quantifier>(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??)
    |\\[dws]|\\[^\w\s]
    |(?P<set>\[\^?(?:\\[dws]|\\[^\w\s]|[^\[\]\\])+\])
    |\(\?:|\((?!\?)|[)|^$.]
    |[^\\\[\](){}*+?|^$.]
    """,
    re.VERBOSE,
)
# A range that goes on as another one: [a-c-e]
_CHAINED_RANGE = re.compile(r'(?:\\.|[^\[^\\])-(?:\\.|[^\\])-(?!\])')
# DUPMAX of PostgreSQL
_MOST_REPEATED = 255


def check_pattern(pattern: str) -> str:
    """What is wrong with the pattern, '' for nothing."""
    position, after_quantifier = 0, False
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None:
            return f'cannot be used from position {position} on: {pattern[position : position + 10]!r}'
        if token['quantifier']:
            if after_quantifier:
                return f'repeats a repetition at position {position}'
            if any(int(number) > _MOST_REPEATED for number in re.findall(r'\d+', token['quantifier'])):
                return f'repeats more than {_MOST_REPEATED} times'
        if token['set'] and _CHAINED_RANGE.search(token['set']):
            return f'has a chained range at position {position}'
        after_quantifier = bool(token['quantifier'])
        position = token.end()
    try:
        re.compile(pattern)
    except re.error as error:
        return f'is not a regular expression: {error}'
    return ''


def combined(patterns: Sequence[str]) -> str | None:
    """One pattern for all of them; None, which matches nothing in SQL, without any."""
    return '|'.join(f'(?:{pattern})' for pattern in patterns) or None
