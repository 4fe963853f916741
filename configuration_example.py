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
        # Interfaces that nobody documents, so that they are not missing in NetBox: regular expressions that are looked
        # for in their names, in letters of either case. They are a common part of those of Python and PostgreSQL: sets,
        # repetitions, alternatives and groups, but no look-around, back-references or flags. Naming some replaces all.
        'drift_ignored_interfaces': (
            r'^(voip-)?null[ -]?\d*$',
            r'^(lo|inloopback\d+|software loopback.*|loopback pseudo-interface.*)$',
            r'^(cpu|cpu interface.*|control plane interface|internal-data.*|sup-eth.*)$',
            r'-.* layer$',
            r'^unrouted vlan',
            r'^(stackport|stacksub)',
            r'^(virtual-access|virtual-template|vi|vt)\d',
            r'^(nvi|efxs|embedded-service-engine|bluetooth)',
            r'^(bme|cbp|demux|dsc|esi|fti|gre|ipip|jsrv|lsi|mtun|pfe|pfh|pimd|pime|pip|pp|rbeb|tap|vcp|vtep)[\d./-]*$',
            r'\.(1638[3-6]|3276[78])$',
            r'^[a-z]+[-\d][\d/:-]*\.0$',
            r'^(docker|veth|virbr|vnet|cali|cni|flannel|kube-|br-[0-9a-f]+$|fwbr|fwln|fwpr)',
            r'^(dummy|ip6tnl|sit|tunl|gre|gretap|erspan|ip_vti|ip6_vti|ip6gre|teql|ifb)0$',
            r'(wan miniport|teredo|isatap|6to4|kernel debug|packet scheduler|lightweight filter|native wifi filter)',
            r'^(ssl|naf|l2t)\.',
        ),
        # Name of a text custom field of devices and virtual machines that documents the software version, to compare it
        # with what is found. None: software versions are not compared.
        'os_version_custom_field': None,
    },
}

# Secrets of the provider "Environment variable" are variables of the job worker (netbox rqworker) whose names start
# with NETOPS_SECRET_, for example NETOPS_SECRET_SNMP=... in its systemd unit or container. No other variable is read.
