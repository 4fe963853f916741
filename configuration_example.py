"""What NetOps needs in NetBox's configuration.py. Every setting is optional; these are the defaults."""

PLUGINS = ['netbox_netops']

PLUGINS_CONFIG = {
    'netbox_netops': {
        # Statuses of devices and virtual machines that are operated. Others are retired, with their history kept.
        'operated_statuses': ('active', 'staged', 'failed'),
        # Kind of run -> RQ queue, for example {'device-scan': 'high'}. What is not named uses default_queue.
        'queues': {},
        # One of the queues that a plain `netbox rqworker` serves: high, default, low.
        'default_queue': 'low',
        # Absolute path of the directory with secret files (a Docker or Kubernetes secret mount) for credentials of the
        # provider "File". None switches that provider off. Nothing outside of it can be read.
        'secrets_directory': None,
        # Seconds after which work that no worker took up is closed as expired.
        'run_expiry': 3600,
        # Seconds a worker may hold a device before another one may take it over. Longer than any single probe.
        'lease_seconds': 120,
        # Devices probed at the same time by one job.
        'concurrency': 256,
        # Jobs that work on one run at the same time, at most. More than your workers is of no use.
        'drainers': 2,
        # Seconds after which a job hands over to a successor, which queues behind other waiting jobs.
        'drain_seconds': 240,
    },
}

# Secrets of the provider "Environment variable" are variables of the job worker (netbox rqworker) whose names start
# with NETOPS_SECRET_, for example NETOPS_SECRET_SNMP=... in its systemd unit or container. No other variable is read.
