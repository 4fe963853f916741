"""Enterprise numbers all of whose agents run one system: known even where sysDescr was overwritten, or is new."""

import dataclasses
from collections.abc import Iterable, Iterator

from netops_worker.probes.snmp.platforms.rule import DESCR, Entity, Rule

__all__ = ('whole_vendors',)

# Arc below `enterprises`, by the rule that names the system
_ARCS = {
    'accedian': '22420',
    'a10-acos': '22610',
    'alaxala': '21839',
    'aprisa': '14817',
    'arbor': '9694',
    'audiocodes': '5003',
    'barracuda-ng': '10704',
    'asante': '298',
    'benu': '39406',
    'bti-800': '30005',
    'ciena-6500': '562.68',
    'cisco-asyncos': '15497',
    'ctc-union': '4756',
    'dasan-nos': '6296',
    'dcn': '6339',
    'dragonwave-airpair': '7262.1',
    'dptech': '31648',
    'ekinops': '20044',
    'engenius-switch': '44194',
    'ericsson-seos': '2352',
    'etherwan': '2736',
    'exalt': '25651',
    'firebrick': '24693',
    'fritzbox': '872',
    'hillstone': '28557',
    'icotera': '29865',
    'innovaphone': '6666',
    'ipinfusion-ocnos': '36673.100',
    'juniper-screenos': '3224',
    'lenovo-cnos': '19046.1.7',
    'maipu': '5651',
    'metel': '38616',
    'netmodule': '31496',
    'netonix': '46242',
    'nexans': '266.1.3 266.1.6',
    'nortel-contivity': '2505',
    'omnitron': '7342',
    'packetlight': '4515',
    'parks': '50224',
    'pbn': '11606',
    'pica8-picos': '35098',
    'proxim': '11898',
    'siklu': '31926',
    'stormshield': '11256',
    'teldat': '2007',
    'topsec': '14331',
    'transition': '868',
    'trendnet': '28866',
    'ubiquoss': '7800',
    'versa': '42359',
    'westermo-weos': '16177',
    'xirrus': '21013',
}


def whole_vendors(rules: Iterable[Rule]) -> Iterator[Rule]:
    """The last rule of each id again, for all agents below its arc. Of its sources those stay that need no sysDescr."""
    last = {rule.id: rule for rule in rules}
    for name, arcs in _ARCS.items():
        rule = last[name]
        sources = {
            field: tuple(source for source in getattr(rule, field) if source != DESCR)
            for field in ('version', 'model', 'serial')
        }
        sources['version'] = sources['version'] or (Entity('software'),)
        yield dataclasses.replace(rule, oids=arcs, descr='', present='', **sources)
