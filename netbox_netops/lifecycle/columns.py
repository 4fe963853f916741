"""Conditions on RunTargets that several statements share."""

__all__ = (
    'ASSIGNED',
    'BUSY',
    'DUE',
    'PAUSED',
    'SERVED',
)

# Of the run `run_id` of a row `w`: that its kind is paused.
PAUSED = """EXISTS (
    SELECT 1 FROM netbox_netops_pause p JOIN netbox_netops_run r ON r.kind = p.kind WHERE r.id = w.run_id)"""

# That it is the turn of a row `w`, limits and other operations on its target aside. As IS NOT TRUE, since a NOT EXISTS
# becomes an anti-join of which PostgreSQL expects one row: it would read and sort the whole run for each claim.
DUE = f"""w.state = 'waiting' AND NOT w.cancel
    AND (w.next_attempt IS NULL OR w.next_attempt <= statement_timestamp())
    AND {PAUSED} IS NOT TRUE"""

# Of a row `w`: its target `t`, and the gateway `g` that serves the site of that now.
SERVED = """LEFT JOIN netbox_netops_target t ON t.id = w.target_id
    LEFT JOIN netbox_netops_gatewaysite s ON s.site_id = t.site_id
    LEFT JOIN netbox_netops_gateway g ON g.id = s.gateway_id AND g.enabled"""

# With SERVED: that nobody else serves the target of a row `w` by now. Such rows wait for `assignment.reassign`. One
# whose target was deleted is closed by whoever had it. As CASE, of which PostgreSQL expects half of the rows: of the
# comparison itself it expects so few that it would not use the order of the index.
ASSIGNED = """(w.target_id IS NULL
    OR CASE WHEN g.id IS NOT DISTINCT FROM w.gateway_id THEN true ELSE false END)"""

# That another exclusive operation is at work on the target of a row `w`, which is exclusive itself.
BUSY = """(w.exclusive AND EXISTS (
    SELECT 1 FROM netbox_netops_runtarget o
    WHERE o.target_id = w.target_id AND o.exclusive AND o.state = 'running'))"""
