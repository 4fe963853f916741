"""Nortel with Bay Networks and whom these bought. Before Extreme Networks and Radware, who have the rest."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

RULES = (
    # AIRESPACE-SWITCHING-MIB agentInventory...: Airespace built the switch
    Rule(
        'nortel-wlan',
        'Nortel',
        'Nortel WLAN',
        '45.3.60',
        version=(Scalar('14179.1.1.1.14.0'),),
        model=(CHASSIS, Scalar('14179.1.1.1.3.0')),
        serial=(CHASSIS, Scalar('14179.1.1.1.4.0')),
    ),
    Rule(
        'nortel-wlan',
        'Nortel',
        'Nortel WLAN',
        '45.3',
        r'^WLAN - (?P<model>Access Point \d+\w*)(?:.*? SW: ?v?(?P<version>\d\S*))?',
        alone=True,
    ),
    Rule('nortel-wlan', 'Nortel', 'Nortel WLAN', '45.3', r'^Nortel Networks WLAN - (?:Security Switch|Access Point)'),
    # Tasman Networks built them, and had an enterprise number of its own
    Rule(
        'nortel-secure-router',
        'Nortel',
        'Secure Router',
        '562.73 3174',
        r'^(?:Nortel|Avaya|Tasman)[\w ]*? (?P<model>SR ?\d{4}\w*)\b.*? Software Version = r?(?P<version>\d[^\s,]*)',
    ),
    Rule(
        'nortel-bayrs',
        'Nortel',
        'BayRS',
        '18',
        r'^Image: (?:[a-z]+/)+(?P<version>\d+\.[\w./]*\w)\.?(?:,? Created on |$)',
        alone=True,
    ),
    # Contivity Extranet Switch, of New Oak
    Rule('nortel-contivity', 'Nortel', 'Contivity', '2505', r'^CES (?P<version>V\d+_\d+\.\w+)', alone=True),
    Rule(
        'nortel-bay-hub',
        'Nortel',
        'Bay Hub',
        '45.3',
        r'^(?P<model>(?:Bay ?Stack|NMM) \w+)\b.*\bHub\b.*\bAgent v(?P<version>\d[\w.]*)',
        alone=True,
    ),
    Rule(
        'nortel-baystack-switch',
        'Nortel',
        'BayStack',
        '45.3',
        r'^Bay Networks,? (?:Inc\.?,? )?(?P<model>BayStack \d{3}\w*) .*?\bRev: ?(?P<version>\d+(?:\.\d+)+)',
    ),
    Rule(
        'radware-alteon',
        'Radware',
        'Alteon OS',
        '1872',
        r'^Nortel(?: Networks)? (?:Alteon )?(?P<model>Application Switch \d\w*(?:-\w+)*)',
        version=(Scalar('1872.2.5.1.1.1.10.0'), Scalar('1872.2.1.2.1.7.0')),
        serial=(CHASSIS, Scalar('1872.2.5.1.3.1.18.0')),
        alone=True,
    ),
    Rule(
        'extreme-voss',
        'Extreme Networks',
        'VOSS',
        '2272',
        r'^(?P<model>(?:VSP|ERS|Passport|Accelar)-\d{4}\S*) \(v?(?P<version>\d[\w.]+)\)',
        model=(DESCR, CHASSIS),
        serial=(CHASSIS, Scalar('2272.1.4.2.0')),
        alone=True,
    ),
)
