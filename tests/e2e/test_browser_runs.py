"""A person in a real browser with many devices: scans a selection, cancels it, and runs again what failed."""

import contextlib
import re
import socket

import pytest
from playwright.sync_api import expect

from lab.snmpsim import SimulatedDevice


@pytest.fixture
def silent():
    """`silent('127.20.2.1')`: the port of a UDP socket there that takes every request and answers none."""
    with contextlib.ExitStack() as stack:

        def listen(address: str) -> int:
            listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            listener.bind((address, 0))
            return listener.getsockname()[1]

        yield listen


@pytest.fixture
def problems(logged_in):
    """What the pages' scripts complain about."""
    found = []
    logged_in.on('pageerror', lambda error: found.append(str(error)))
    logged_in.on('console', lambda message: found.append(message.text) if message.type == 'error' else None)
    return found


def test_scan_of_a_selection_in_the_list_of_devices(
    lab, worker, simulate, make_device, credential, logged_in, problems
):
    names = [f'bulk-sw{number}' for number in (1, 2, 3)]
    addresses = {name: f'127.20.3.{number}' for number, name in enumerate(names, 1)}
    simulator = simulate(
        *(SimulatedDevice(address, 'network/switch/cisco-c3560', name) for name, address in addresses.items())
    )
    for name, address in addresses.items():
        make_device(name, address, port=simulator.port)
    page = logged_in
    page.goto('/dcim/devices/?q=bulk-sw')
    rows = page.locator('#object_list tbody tr')
    expect(rows).to_have_count(3)
    for name in names[:2]:
        rows.filter(has_text=name).locator('input[name=pk]').check()
    page.get_by_role('button', name='Scan with NetOps').locator('visible=true').first.click()

    expect(page).to_have_url(re.compile(r'/dcim/devices/\?q=bulk-sw'))
    message = page.locator('#django-messages')
    expect(message).to_contain_text('2 queued in #')
    page.goto(message.get_by_role('link').first.get_attribute('href'))
    live = page.locator('#netops-live')
    expect(live).to_contain_text('Succeeded')
    expect(live).to_contain_text('2 / 2')
    table = page.locator('#object_list')
    for name in names[:2]:
        expect(table).to_contain_text(name)
    expect(table).not_to_contain_text(names[2])
    assert problems == []


def test_cancel_while_devices_are_at_work(lab, worker, make_device, credential, logged_in, silent, problems):
    devices = [
        make_device(f'silent-{number}', f'127.20.2.{number}', port=silent(f'127.20.2.{number}'))
        for number in range(1, 5)
    ]
    # Minutes until they were given up.
    options = {'timeout': 30, 'retries': 3}
    run = lab.api.start_run('device-scan', devices=[device['id'] for device in devices], options=options)
    page = logged_in
    page.goto(f'/plugins/netops/runs/{run["id"]}/')
    live, table = page.locator('#netops-live'), page.locator('#object_list')
    running = table.locator('tbody tr', has_text='Running')
    expect(running).to_have_count(4)

    # One of them: its row says so, and the others go on.
    running.filter(has_text='silent-1').locator('input[name=pk]').check()
    page.get_by_role('button', name='Cancel selected').click()
    expect(page.locator('form')).to_contain_text(['1 target at work'])
    page.get_by_role('button', name='Cancel these targets').click()
    expect(page).to_have_url(re.compile(rf'/runs/{run["id"]}/'))
    expect(table.locator('tbody tr', has_text='Cancelled')).to_have_count(1)
    expect(running).to_have_count(3)

    # All of them, in NetBox's modal. The button leaves with the work, without reloading.
    cancel = page.get_by_role('link', name='Cancel run')
    cancel.click()
    modal = page.locator('#htmx-modal')
    expect(modal).to_contain_text('3 targets at work')
    modal.get_by_role('button', name='Cancel these targets').click()
    expect(live).to_contain_text('Cancelled')
    expect(table.locator('tbody tr', has_text='Cancelled')).to_have_count(4)
    expect(cancel).to_have_count(0)
    assert lab.api.wait_run(run)['status']['value'] == 'cancelled'
    seconds = lab.sql(
        'SELECT extract(epoch FROM finished - cancelled)::float FROM netbox_netops_run WHERE id = %s', run['id']
    )[0][0]
    assert seconds < 2.5

    # Run again what did not succeed: a new run, to which the page goes.
    again = page.get_by_role('button', name='Run failed again')
    expect(again).to_be_visible()
    again.click()
    expect(page).not_to_have_url(re.compile(rf'/runs/{run["id"]}/'))
    expect(live).to_contain_text(f'Failed in run #{run["id"]}')
    page.get_by_role('link', name='Cancel run').click()
    modal.get_by_role('button', name='Cancel these targets').click()
    expect(live).to_contain_text('Cancelled')
    assert problems == []


def test_selected_rows_stay_selected_while_the_run_goes_on(
    lab, worker, make_device, credential, logged_in, silent, problems
):
    """The table follows the run; but not while somebody picks rows from it."""
    slow, quick = [
        make_device(f'pick-{number}', f'127.20.4.{number}', port=silent(f'127.20.4.{number}')) for number in (1, 2)
    ]
    run = lab.api.start_run('device-scan', devices=[slow['id'], quick['id']], options={'timeout': 30, 'retries': 3})
    page = logged_in
    page.goto(f'/plugins/netops/runs/{run["id"]}/')
    table = page.locator('#object_list')
    running = table.locator('tbody tr', has_text='Running')
    expect(running).to_have_count(2)
    box = running.filter(has_text='pick-1').locator('input[name=pk]')
    box.check()
    row = lab.api.list('plugins/netops/run-targets/', run_id=run['id'], name='pick-2')[0]
    lab.api.post('plugins/netops/run-targets/cancel/', {'ids': [row['id']]}, status=202)
    # The live part has learnt of the end of the other one, and the table beside it is still the same.
    expect(page.locator('#netops-live')).to_contain_text('1 / 2')
    expect(box).to_be_checked()
    expect(running).to_have_count(2)
    lab.api.post(f'plugins/netops/runs/{run["id"]}/cancel/', {}, status=202)
    expect(page.locator('#netops-live')).to_contain_text('2 / 2')
    assert problems == []


def test_scan_of_a_site_asks_first(lab, worker, simulate, make_device, credential, logged_in, problems):
    site = lab.api.post('dcim/sites/', {'name': 'Browser POP', 'slug': 'browser-pop'})
    simulator = simulate(SimulatedDevice('127.20.5.1', 'network/switch/cisco-c3560', 'pop-sw1'))
    make_device('pop-sw1', '127.20.5.1', port=simulator.port, site=site['id'])
    make_device('pop-panel', None, site=site['id'])
    page = logged_in
    page.goto(f'/dcim/sites/{site["id"]}/')
    page.get_by_role('link', name='Scan', exact=True).click()
    modal = page.locator('#htmx-modal')
    expect(modal).to_contain_text('1 device')
    modal.get_by_role('button', name='Scan', exact=True).click()
    expect(page.locator('#django-messages')).to_contain_text('Browser POP was started')
    run = lab.api.list('plugins/netops/runs/')[0]
    assert lab.api.wait_run(run)['succeeded'] == 1
    assert problems == []
