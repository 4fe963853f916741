"""Conditions on RunTargets that several statements share."""

__all__ = (
    'BUSY',
    'DUE',
    'PAUSED',
)

# Of the run `run_id` of a row `w`: that its kind is paused.
PAUSED = """EXISTS (
    SELECT 1 FROM netbox_netops_pause p JOIN netbox_netops_run r ON r.kind = p.kind WHERE r.id = w.run_id)"""

# That it is the turn of a row `w`, limits and other operations on its target aside.
DUE = f"""w.state = 'waiting' AND NOT w.cancel
    AND (w.next_attempt IS NULL OR w.next_attempt <= statement_timestamp())
    AND NOT {PAUSED}"""

# That another exclusive operation is at work on the target of a row `w`, which is exclusive itself.
BUSY = """(w.exclusive AND EXISTS (
    SELECT 1 FROM netbox_netops_runtarget o
    WHERE o.target_id = w.target_id AND o.exclusive AND o.state = 'running'))"""
