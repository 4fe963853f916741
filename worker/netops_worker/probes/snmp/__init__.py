"""SNMP: a session with an agent behind one small seam, collectors, and the probes made of them."""
