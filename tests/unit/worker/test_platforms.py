"""What the platform rules make of agents, and what they ask them. All recordings are made up from the MIBs."""

import re
import time

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import Walk
from netops_worker.probes.snmp.platforms import Platform
from netops_worker.probes.snmp.platforms.book import FIELDS, RuleBook, compiled
from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Cell,
    Column,
    Descr,
    Entity,
    ObjectIdName,
    Rule,
    Scalar,
    full,
)
from netops_worker.probes.snmp.platforms.rules import RULES, VENDORS
from netops_worker.probes.snmp.platforms.values import clean

from .platform_agent import CHASSIS_ROW, ENTERPRISES, FAN, Agent, entity, found, values
from .platform_devices import DEVICES
from .recorded import RecordedClient


@pytest.mark.parametrize(('oid', 'description', 'rows', 'entities', 'expected'), DEVICES.values(), ids=DEVICES)
def test_devices(oid, description, rows, entities, expected):
    platform = found(oid, description, rows, entities)
    assert values(platform) == expected
    assert platform.failure is None
    assert platform.rule


def test_nothing_is_asked_that_is_known_already():
    agent = Agent({'14988.1.1.4.4.0': '7.14.2'})
    found('9.12.3.1.3.1812', DEVICES['nx-os'][1], entities=DEVICES['nx-os'][3], agent=agent)
    assert (agent.requests, agent.probes, agent.walked) == ([], [], [])


def test_all_scalars_are_asked_at_once():
    """Also the one that turns out not to be needed: a second request costs more than one more object."""
    agent = Agent(DEVICES['aireos'][2])
    found('9.1.1069', 'Cisco Controller', agent=agent)
    assert len(agent.requests) == 1
    assert set(agent.requests[0]) == {full(f'14179.1.1.1.{number}.0') for number in (3, 4, 14)}
    assert not agent.walked


def test_a_column_is_walked_only_for_what_is_missing():
    agent = Agent(DEVICES['comware'][2])
    found('25506.11.1.172', DEVICES['comware'][1], agent=agent)
    assert agent.walked == [full('25506.2.6.1.2.1.1.2')]
    agent = Agent(DEVICES['comware'][2])
    rows = [entity(1) | CHASSIS_ROW | {'model': 'HP 10508', 'serial': 'CN0000H001'}]
    assert found('25506.11.1.172', DEVICES['comware'][1], entities=rows, agent=agent).serial == 'CN0000H001'
    assert agent.walked == []


def test_a_specific_agent_is_not_asked_for_subtrees():
    agent = Agent({})
    found('14988.1', 'RouterOS hAP', agent=agent)
    assert agent.probes == []


def test_an_unspecific_agent_is_asked_once_for_all_subtrees():
    agent = Agent({'6574.1.5.1.0': 'DS920+', '6574.1.5.2.0': '2010000000001', '6574.1.5.3.0': 'DSM 7.2-64570'})
    platform = found('8072.3.2.10', 'Linux nas 4.4.302+ #64570 SMP x86_64', agent=agent)
    assert values(platform) == ('Synology', 'DSM', '7.2-64570', 'DS920+', '2010000000001')
    assert (len(agent.probes), len(agent.requests)) == (1, 1)


def test_the_entity_mib_is_trusted_more_than_the_vendor():
    rows = [entity(1) | CHASSIS_ROW | {'serial': 'ENTITY00001'}]
    platform = found('25461.2.3.54', '', DEVICES['pan-os'][2], rows)
    assert (platform.serial, platform.model) == ('ENTITY00001', 'PA-440')


STACK = entity(1, **{'class': 11, 'name': 'Stack', 'serial': 'STACK'})
CHASSIS_1 = entity(10, **{'class': 3, 'parent': 1, 'model': 'FIRST', 'serial': 'CH000001'})
CHASSIS_2 = entity(20, **{'class': 3, 'parent': 1, 'model': 'SECOND', 'serial': 'CH000002'})
INNER = entity(5, **{'class': 3, 'parent': 10, 'model': 'INNER', 'serial': 'CH000003'})
NAMELESS = entity(2, **{'class': 3})
MODULE = entity(3, **{'class': 9, 'parent': 10, 'model': 'MODULE', 'serial': 'MO000001'})
UNIT = entity(101, **{'class': 5, 'parent': 1, 'model': 'UNIT', 'serial': 'UN000001'})
BOX = entity(6, name='Switch System', model='BOX', serial='BO000001')
SLOT = entity(7, parent=6, name='Part', model='SLOT', serial='SL000001')


@pytest.mark.parametrize(
    ('entities', 'model'),
    [
        ([STACK, CHASSIS_2, CHASSIS_1], 'FIRST'),
        ([INNER, CHASSIS_1], 'FIRST'),
        ([NAMELESS, CHASSIS_1, MODULE], 'FIRST'),
        ([STACK, UNIT], 'UNIT'),
        ([FAN, BOX, SLOT], 'BOX'),
        ([FAN], ''),
        ([entity(8, **{'class': 6, 'model': 'PSU'})], ''),
        ([], ''),
    ],
    ids=['stack', 'chassis in a chassis', 'nameless', 'no chassis', 'no class', 'only a part', 'only a supply', 'none'],
)
def test_which_component_is_the_device(entities, model):
    entities = sorted(entities, key=lambda row: row['index'])
    assert found('30065.1', '', entities=entities).model == model


@pytest.mark.parametrize(
    'filler',
    [
        'N/A', 'n/a', 'NA', 'Unknown', 'None', 'null', '0', '0000000', '0x0000', 'Default string', 'Not Specified',
        'To be filled by O.E.M.', 'To Be Filled By O.E.M', 'System Serial Number', 'xxxxxxxxxx', 'XXXX-XXXX', '   ',
        '...', '-', 'FFFFFFFFFFFF', 'Not Available', '""',
    ],
)  # fmt: skip
def test_a_filler_is_no_value(filler):
    assert clean(filler) == ''
    assert found('14988.1', 'RouterOS hAP', {'14988.1.1.7.3.0': filler}).serial == ''


@pytest.mark.parametrize('value', ['FOC0000A001', '10', 'X440-24p', 'F5', '0.9.7', 'MX', 'NAS326', '00-1B-0C'])
def test_what_only_looks_like_a_filler(value):
    assert clean(value) == value


def test_values_are_one_line_and_limited():
    rows = {'14988.1.1.7.3.0': ' AB 12  34 ', '14988.1.1.4.4.0': '7' * 400}
    platform = found('14988.1', 'RouterOS  "hAP\r\n ac"', rows)
    assert (platform.serial, platform.model) == ('AB 12 34', 'hAP ac')
    assert platform.os_version == '7' * 255


@pytest.mark.parametrize('value', [0, 7, -1, 2**31])
def test_numbers(value):
    """A serial number may be an integer; zero is none."""
    assert found('33555.1.1', '', {'33555.1.1.1.2.0': value}).serial == (str(value) if value else '')


def test_the_vendor_of_an_unknown_product():
    assert found('789.1123.2', 'NETAPP INF-01-00 0852') == Platform(vendor='NetApp')
    assert found('32473.1', 'Example') == Platform()


@pytest.mark.parametrize('oid', ['', '0.0', '9', '9.', '8072.3.2.10'])
@pytest.mark.parametrize('description', [None, '', ' ', '\x00', '?' * 5000, 'IOS (tm) Version', 'PID:', '(MODEL: )'])
def test_nonsense(oid, description):
    """Neither a crash nor a value."""
    platform = found(oid, description)
    assert (platform.model, platform.os_version, platform.serial) == ('', '', '')


def test_objects_of_another_type_than_the_mib_says():
    lines = f'{full("14988.1.1.4.4.0")}|6|1.3.6.1\n{full("14988.1.1.7.3.0")}|64|192.0.2.1'
    platform = found('14988.1', 'RouterOS hAP', agent=RecordedClient(lines))
    assert (platform.os_version, platform.serial) == ('', '')


def test_a_failure_is_kept_with_what_was_known():
    failure = NetOpsError('snmp:no-answer')
    agent = Agent({}, failure)
    platform = found('2636.1.1.1.2.21', DEVICES['junos'][1], agent=agent)
    assert values(platform) == ('Juniper', 'Junos', '21.4R3-S5.4', 'mx960', '')
    assert platform.failure is failure
    assert len(agent.requests) == 1


def test_a_failed_walk_is_kept_with_the_rows_it_read():
    class Interrupted(Agent):
        async def walk(self, columns):
            return Walk({columns[0]: {'1': b'CN0000G001'}}, {columns[0]: NetOpsError('snmp:endless-walk')})

    platform = found('25506.11.1.172', DEVICES['comware'][1], agent=Interrupted({}))
    assert (platform.serial, platform.failure.code) == ('CN0000G001', 'snmp:endless-walk')


def test_the_first_rule_that_matches_wins():
    rules = (
        Rule('narrow', 'V', 'O', '32473.1.2'),
        Rule('described', 'V', 'O', descr='^Router'),
        Rule('wide', 'V', 'O', '32473'),
    )

    def chosen(oid, description):
        return [one.rule.id for one in RuleBook(rules).candidates(f'{ENTERPRISES}.{oid}', description)]

    assert chosen('32473.1.2.7', 'Router') == ['narrow']
    assert chosen('32473.1.20', 'Router') == ['described']
    assert chosen('32473.1.20', '') == ['wide']
    assert chosen('324731', '') == []
    assert chosen('324731', 'Router') == ['described']


def sources(rule):
    return [source for name in FIELDS for source in getattr(rule, name)]


@pytest.mark.parametrize('rule', RULES, ids=lambda rule: rule.id)
def test_the_rules_are_well_formed(rule):
    assert re.fullmatch(r'[a-z0-9]+(-[a-z0-9]+)*', rule.id)
    assert rule.os
    assert rule.oids or rule.descr
    assert set(re.compile(rule.descr).groupindex) <= set(FIELDS)
    assert re.fullmatch(r'[\d. ]*', rule.oids)
    for name in FIELDS:
        assert isinstance(getattr(rule, name), tuple)
    for source in sources(rule):
        if isinstance(source, Scalar | Column | Cell):
            assert re.fullmatch(r'[@^]?[\d.]*\d', source.oid)
        if isinstance(source, Entity | Scalar | Column | Cell | Descr) and source.pattern:
            assert re.compile(source.pattern).groups == 1
        if isinstance(source, ObjectIdName):
            assert all(re.fullmatch(r'[\d.]+', oid) for oid in source.names)
    # Where sysDescr gives nothing for a field, its group would be asked for in vain.
    assert all(f'(?P<{name}>' in rule.descr for name in FIELDS if DESCR in getattr(rule, name))
    assert CHASSIS not in rule.version


def test_an_operating_system_is_of_one_vendor():
    """Platforms in NetBox have unique names. Excepted are those that several vendors do sell."""
    vendors = {}
    for rule in RULES:
        vendors.setdefault(rule.os, set()).add(rule.vendor)
    several = {name for name, found in vendors.items() if len(found) > 1}
    assert several == {'Comware', 'MSS', 'Master-OS', 'SONiC'}


def test_a_rule_id_stands_for_one_platform():
    platforms = {}
    for rule in RULES:
        assert platforms.setdefault(rule.id, (rule.vendor, rule.os)) == (rule.vendor, rule.os)


def test_vendors_are_by_enterprise_number():
    assert all(number.isdecimal() and name for number, name in VENDORS.items())


def test_a_hostile_description_costs_little():
    """Patterns that backtrack exponentially, or in the cube of the length, would take minutes for these."""
    patterns = [compiled(text) for text in RuleBook(RULES).patterns]
    for text in ('a' * 1024, 'A1-' * 340, 'MSX' * 340, 'J9775A ' * 146, '1.' * 512, ', ' * 512, 'Version ' * 128):
        started = time.process_time()
        for pattern in patterns:
            pattern.search(text)
        assert time.process_time() - started < 5
