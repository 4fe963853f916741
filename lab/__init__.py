"""The lab: private servers (PostgreSQL, Valkey, NetBox, job workers, simulated devices) for demo, tests and benchmarks.

For development only, never distributed. Everything it starts belongs to one run, listens on loopback or on a unix
socket, keeps its files below the state directory, and ends with the process that started it.
"""
