"""Devices of a size and at a distance that hurt."""

import time

from benchmarks.fleet import ADDRESS, Fleet

PORTS, PEERS, ROUND_TRIP, LIMIT = 4000, 1000, 0.02, 30
COUNTS = """
    SELECT (SELECT count(*) FROM netbox_netops_interfacestate i
            WHERE i.target_id = t.id AND name = 'Gi1/0/' || index AND description <> '' AND alias <> '' AND mac <> ''
              AND num_nonnulls(type, mtu, speed, admin_status, oper_status, last_change) = 6),
           (SELECT count(*) FROM netbox_netops_bgppeerstate b
            WHERE b.target_id = t.id AND state = 6 AND remote_as = 65000 + split_part(address, '.', 3)::int
                                                                    + 256 * split_part(address, '.', 2)::int)
    FROM netbox_netops_target t WHERE t.device_id = %s
"""


def test_four_thousand_interfaces_behind_twenty_milliseconds(lab, worker, make_device, credential):
    """A switch with 4,000 interfaces and 1,000 BGP peers is read completely within the time limit."""
    with Fleet(lab.run, PORTS, PEERS, delay=ROUND_TRIP, name='distant') as fleet:
        device = make_device('large-1', ADDRESS, port=fleet.port)
        begun = time.monotonic()
        run = lab.api.wait_run(lab.api.start_run('device-scan', devices=[device['id']]))
        seconds = time.monotonic() - begun
    assert run['status']['value'] == 'succeeded', run
    assert lab.sql(COUNTS, device['id']) == [(PORTS, PEERS)]
    assert seconds < LIMIT
