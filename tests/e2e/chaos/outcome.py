"""What came of a run, by what is stored and by what the devices received; never by the engine's own words."""

import json
from dataclasses import asdict, dataclass

__all__ = ('DONE', 'LOST', 'OVERWRITTEN', 'STATES', 'SUCCEEDED', 'Outcome')

# What must be zero.
_BROKEN = ('duplicates', 'lost', 'overwritten', 'stuck_leases', 'stuck_jobs')

DONE = "SELECT count(*) FROM netbox_netops_runtarget WHERE run_id = %s AND state NOT IN ('waiting', 'running')"
SUCCEEDED = "SELECT count(*) FROM netbox_netops_runtarget WHERE run_id = %s AND state = 'succeeded'"
STATES = """
    SELECT state, error_code, attempt, count(*) FROM netbox_netops_runtarget
    WHERE run_id = %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
# Targets (name like …) that the run does not have, or of which it has no final state, or of whose final state no
# result of the owner at the end tells; or whose facts (so many interfaces and BGP sessions) are not there.
LOST = """
    SELECT count(*) FROM netbox_netops_target t
    LEFT JOIN netbox_netops_runtarget w ON w.target_id = t.id AND w.run_id = %s
    WHERE t.name LIKE %s AND (
        w.id IS NULL OR w.state IN ('waiting', 'running')
        OR NOT EXISTS (
            SELECT FROM netbox_netops_scanresult s
            WHERE s.run_id = w.run_id AND s.target_id = t.id AND s.worker = w.worker
              AND s.ok = (w.state = 'succeeded') AND s.error_code = w.error_code
              AND s.started BETWEEN w.started - interval '1 second' AND w.finished
              AND t.last_attempt_at >= s.started
              AND (NOT s.ok OR (t.latest_scan_id = s.id AND t.last_success_at >= s.started))
        )
        OR (w.state = 'succeeded' AND (
            (SELECT count(*) FROM netbox_netops_interfacestate i WHERE i.target_id = t.id) <> %s
            OR (SELECT count(*) FROM netbox_netops_bgppeerstate b WHERE b.target_id = t.id) <> %s
        ))
    )
"""
# Each target that succeeded has exactly one good result, of the worker that held it at the end, since it held it, and
# nothing was written after that.
OVERWRITTEN = """
    SELECT count(*) FROM netbox_netops_runtarget w
    JOIN netbox_netops_target t ON t.id = w.target_id
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE s.ok) AS number, max(s.id) AS newest, max(s.id) FILTER (WHERE s.ok) AS good,
               max(s.worker) FILTER (WHERE s.ok) AS worker, min(s.started) FILTER (WHERE s.ok) AS started
        FROM netbox_netops_scanresult s WHERE s.run_id = w.run_id AND s.target_id = w.target_id
    ) s ON true
    WHERE w.run_id = %s AND w.state = 'succeeded'
      AND (s.number <> 1 OR s.worker <> w.worker OR s.started < w.started - interval '1 second'
           OR s.newest <> s.good OR t.latest_scan_id IS DISTINCT FROM s.good)
"""


@dataclass(frozen=True)
class Outcome:
    """Of `targets`, `final` reached a final state and `succeeded` the good one.

    `duplicates`: devices that heard two owners at the same time. `lost`: targets without a final state, or without the
    result that belongs to it. `overwritten`: targets with a result of somebody who did not hold them any more.
    `events`: how many things failed in its course, each of which was seen to fail.
    """

    seed: int
    targets: int
    final: int
    succeeded: int
    duplicates: int
    lost: int
    overwritten: int
    stuck_leases: int
    stuck_jobs: int
    events: int
    seconds: float

    @property
    def broken(self) -> dict[str, int]:
        """What is not as it must be. Whatever fails, every device answers all the time: each target succeeds."""
        found = {name: value for name in _BROKEN if (value := getattr(self, name))}
        return found | {
            name: value for name in ('final', 'succeeded') if (value := getattr(self, name)) != self.targets
        }

    def to_json(self) -> str:
        return json.dumps(asdict(self))
