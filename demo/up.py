"""`make demo`: everything up, and it stays until Ctrl-C."""

import os

from demo.stack import Stack
from lab import accounts
from lab.process import Child, LabError
from lab.system import say

__all__ = ('main',)

WEB_PORT = 8000


def main() -> int:
    say('Starting the demo: PostgreSQL, Valkey, NetBox with the NetOps plugin, a job worker, simulated devices.')
    with Stack('demo', keep=True, web_port=WEB_PORT) as stack:
        run = stack.api.wait_run(stack.api.start_run('netbox-sync', reason='make demo'))
        stack.step(f'inventory synchronised ({run["status"]["label"].lower()})')
        device = stack.api.get('dcim/devices/', name='spo1-br1')['results'][0]
        say(f"""
  NetBox      {stack.url}
  Log in      {accounts.LOGIN} / {accounts.PASSWORD}
  Then        Devices > {device['name']} > tab NetOps > Scan
              {stack.url}/dcim/devices/{device['id']}/netops/
  Also        the menu NetOps: runs, targets, and what was found on all of them: BGP sessions, differences, ...
              rjo1-sw9 is dead on purpose; in Fortaleza (for1-...) the second credential is the right one
  Logs        {stack.lab.run.path}

Ctrl-C stops everything this command started. The database is kept for the next start; `make clean` removes it.""")
        try:
            ended = wait_for_a_child()
        except KeyboardInterrupt:
            say('\nStopping ...')
            return 0
        raise LabError(f'{ended.name} ended with status {ended.returncode}.\n{ended.log_tail()}')


def wait_for_a_child() -> Child:
    """Block until one of the processes of the demo ends by itself, which it should not."""
    while True:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        for child in Child.running():
            if not child.alive:
                return child
