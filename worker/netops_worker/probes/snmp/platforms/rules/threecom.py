"""3Com, before its switches ran the Comware that it had with Huawei."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

RULES = (
    Rule(
        '3com',
        '3Com',
        '3Com',
        '43',
        r'^(?P<model>.*?(?:SuperStack|Switch|Baseline).*?)'
        r'(?:,? (?:Software|SW)(?: Version:? ?(?:3Com OS )?(?P<version>\S+))?.*)?$',
        version=(DESCR, Scalar('43.10.27.1.1.1.12.1')),
        serial=(CHASSIS, Scalar('43.10.27.1.1.1.13.1')),
    ),
    Rule(
        '3com',
        '3Com',
        '3Com',
        '43',
        r'^3C[Oo][Mm]:? (?P<model>(?:AP ?|Access Point )\d{4}\w*)(?:.*?\bSoftware v?(?P<version>\d[\w.]*))?',
    ),
    Rule(
        '3com',
        '3Com',
        '3Com',
        '43',
        r'^3Com (?P<model>Router \d{4}\w*)(?: Software (?:\w+_)?(?P<version>V\d[\w.]*))?',
    ),
)
