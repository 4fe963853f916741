"""A router that runs FRR and lldpd, with a real BGP session and a real neighbour, through the whole path."""

import pytest

from lab.process import wait_until
from lab.routers import ADDRESSES, AS_NUMBERS, INTERFACES, NAMES, Routers

PEERS = """
    SELECT p.address, remote_as, local_address, router_id, state, enabled, transitions, p.last_error,
           abs(extract(epoch FROM established_at - now())) < 60, mib
    FROM netbox_netops_bgppeerstate p JOIN netbox_netops_target t ON t.id = p.target_id WHERE t.device_id = %s
"""
NEIGHBOURS = """
    SELECT protocol, local_port, chassis_id ~ '^([0-9a-f]{2}:){5}[0-9a-f]{2}$', port_description, system_name, n.address
    FROM netbox_netops_neighbourstate n JOIN netbox_netops_target t ON t.id = n.target_id WHERE t.device_id = %s
"""
CHANGES = """
    SELECT s.changes FROM netbox_netops_scanresult s JOIN netbox_netops_target t ON t.id = s.target_id
    WHERE t.device_id = %s ORDER BY s.started DESC LIMIT 1
"""


@pytest.fixture
def routers(lab, snmpd):
    routers = Routers(lab.run)
    agent = snmpd('127.44.0.1', sys_name=NAMES[0], lines=routers.agentx)
    with routers:
        yield routers, agent


def test_a_session_that_is_torn_down(lab, worker, routers, make_device, credential, bulkwalk):
    network, agent = routers
    device = make_device('routing-r1', agent.address, port=agent.port)

    def scan():
        run = lab.api.wait_run(lab.api.start_run('device-scan', devices=[device['id']]))
        assert run['status']['value'] == 'succeeded', run

    # A subagent registers, and a neighbour is heard of, some seconds after the start.
    for column in ('1.3.6.1.2.1.15.3.1.2', '1.0.8802.1.1.2.1.4.1.1.9'):
        wait_until(lambda: bulkwalk(agent, column), what=f'rows of {column}', timeout=40, interval=0.5)  # noqa: B023
    scan()
    (peer,) = lab.sql(PEERS, device['id'])
    assert peer == (ADDRESSES[1], AS_NUMBERS[1], ADDRESSES[0], ADDRESSES[1], 6, True, 1, '', True, 'BGP4-MIB')
    assert lab.sql(NEIGHBOURS, device['id']) == [('lldp', INTERFACES[0], True, INTERFACES[1], NAMES[1], ADDRESSES[1])]

    network.shut(True)
    scan()
    (peer,) = lab.sql(PEERS, device['id'])
    # Cease, Administrative Shutdown (RFC 4486)
    assert (peer[4] < 6, peer[7]) == (True, '6.2')
    ((changes,),) = lab.sql(CHANGES, device['id'])
    states = [change for change in changes if (change['family'], change['field']) == ('bgp', 'state')]
    assert [(change['key'], change['old']) for change in states] == [(ADDRESSES[1], 6)]

    network.shut(False)
    scan()
    (peer,) = lab.sql(PEERS, device['id'])
    assert (peer[4], peer[6]) == (6, 2)

    # That its part of the agent does not answer does not say that there is no session.
    network.stall(True)
    scan()
    assert lab.sql(PEERS, device['id'])[0][:8] == peer[:8]
    ((changes,),) = lab.sql(CHANGES, device['id'])
    assert [change for change in changes if change['family'] == 'bgp'] == []
    (result, *_older) = lab.api.list('plugins/netops/scan-results/', device_id=device['id'])
    assert 'bgp' in {problem['collector'] for problem in result['problems']}
