"""Health checks of a real NetBox whose servers freeze, and whose workers come and go."""

import contextlib
import os
import signal
import time

import pytest
from playwright.sync_api import expect

from lab.api import Api
from lab.process import descendants, wait_until

# Seconds: the checks give up after three.
MOST = 6.0


@contextlib.contextmanager
def frozen(child):
    """All processes of a server stopped, so that it accepts connections and says nothing."""
    pids = [child.pid, *(pid for pid, _birth in descendants(child.pid))]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def ask(lab, path=''):
    """Anonymous: (status, checks that failed, seconds)"""
    begun = time.monotonic()
    answer = Api(lab.url).request('GET', f'{lab.url}/plugins/netops/health/{path}')
    failed = {name for name, status in answer.json['checks'].items() if status != 'ok'}
    return answer.status, failed, time.monotonic() - begun


@pytest.mark.parametrize(('server', 'failing'), [('cluster', {'database'}), ('valkey', {'redis', 'cache'})])
def test_a_frozen_server_is_told_in_time(lab, server, failing):
    """As often as one asks; and when it goes on all is well, without a restart of the web server."""
    assert ask(lab)[:2] == (200, set())
    with frozen(getattr(lab, server).child):
        for _time in range(2):
            status, failed, seconds = ask(lab)
            assert (status, failed) == (503, failing)
            assert seconds < MOST
    wait_until(lambda: ask(lab)[:2] == (200, set()), what='health after the server goes on', timeout=20)


def test_workers_and_tick(lab, start_worker):
    lab.django('from netbox_netops.jobs.tick import tick; tick()')
    assert ask(lab, 'worker/')[:2] == (503, {'queues'})
    worker = start_worker()
    assert ask(lab, 'worker/')[:2] == (200, set())
    os.kill(worker.pid, signal.SIGTERM)
    wait_until(lambda: not worker.alive, what='the end of the worker', timeout=30)
    assert ask(lab, 'worker/')[:2] == (503, {'queues'})


def test_the_queue_page_pauses_a_kind(lab, no_worker, make_device, logged_in):
    """What is paused is shown at once; the part that follows the work never takes the form away."""
    device = make_device('queue-page', '127.20.8.1', port=9)
    page = logged_in
    problems = []
    page.on('pageerror', lambda error: problems.append(str(error)))
    page.goto('/plugins/netops/queue/')
    live = page.locator('#netops-live')
    expect(live).to_contain_text('No worker serves the queue low')
    row = live.locator('tr').filter(has_text='Device scan').filter(has=page.locator('.btn'))
    row.get_by_role('link', name='Pause').click()
    page.get_by_label('Reason').fill('core upgrade')
    page.get_by_role('button', name='Pause').click()
    expect(row).to_contain_text('core upgrade')
    # Somebody else starts a run: the page follows by itself.
    run = lab.api.start_run('device-scan', devices=[device['id']])
    expect(row.locator('td').nth(1)).to_have_text('1')
    (row_count,) = lab.sql(
        "SELECT count(*) FROM netbox_netops_runtarget WHERE run_id = %s AND state = 'waiting'", run['id']
    )
    assert row_count == (1,)
    row.get_by_role('button', name='Resume').click()
    expect(row).not_to_contain_text('core upgrade')
    assert problems == []
