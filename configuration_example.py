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
        # HashiCorp Vault or OpenBao (KV version 2) for credentials of that provider; needs "netbox-netops[vault]".
        # None switches it off. For example, with the defaults of what may be left out:
        # {
        #     'url': 'https://vault.example.net:8200',
        #     'mount': 'secret',
        #     'prefixes': ['netops'],                     # nothing else can be read, whatever the token may
        #     'role_id': '…', 'secret_id_file': '/etc/netbox/vault-secret-id', 'auth_mount': 'approle',
        #     # or, in place of these three: 'token_file': '/run/vault/token',
        #     'namespace': '', 'ca_file': '', 'timeout': 5,
        # }
        'vault': None,
        # The plugin netbox-secrets for credentials of that provider. None switches it off. For example:
        # {
        #     'user': 'netops',                           # the service user, who has an active user key
        #     'private_key_file': '/etc/netbox/netops.pem',   # mode 0600; or: 'session_key_file': …
        #     'lookup': ['device', 'role', 'platform', 'site', 'tenant'],
        #     'check_requester': True,                    # who asks for a run must be allowed to view the secret, too
        # }
        'netbox_secrets': None,
        # Providers that are asked, in this order and with the same reference, when the provider of a credential is not
        # installed or has no such secret (never when it is locked or refuses): for example ['vault', 'file'].
        'secret_fallback': (),
        # Seconds that secrets of Vault and netbox-secrets are kept in the memory of a job, at most 300; 0: not at all.
        'secret_cache_seconds': 30,
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
        # Seconds after which a job gives way to whatever else waits in the queues of its worker, and continues behind
        # that.
        'yield_seconds': 15,
        # Seconds that devices under way may still take when a job stops; then they go back, for another job to probe.
        # When it only gives way, those that went back before may take until their own deadline.
        'stop_grace_seconds': 8,
        # Devices at work at the same time, over all workers and kinds of runs: per site (POP), per tenant, per gateway.
        # None: no limit.
        'site_concurrency': 128,
        'tenant_concurrency': None,
        'gateway_concurrency': None,
        # The same by kind of run, and how many devices are started per second, for example {'device-scan': 200}.
        # The defaults are 512 at a time and 500 per second for device-scan. None as a value: no limit.
        'kind_concurrency': {},
        'kind_rate': {},
        # How often per minute work may start on one device, after up to 3 times at once. None: as often as asked.
        'host_rate': 6,
        # Kind of run -> how often a device is tried in all, when what failed may succeed later. Default 3.
        'attempts': {},
        # Seconds to the second attempt. They double with each further one, up to the most, and vary by a quarter.
        'retry_seconds': 30,
        'retry_most_seconds': 900,
        # Failures in a row after which a device that does not answer is spared by runs that nobody waits for, and for
        # how many seconds. The time doubles with each further failure, up to the most.
        'breaker_failures': 5,
        'breaker_seconds': 300,
        'breaker_most_seconds': 3600,
        # Seconds that a new device which an event rule has started a run for waits for its address.
        'address_wait_seconds': 3600,
        # Days after which finished runs and results of scans are deleted: those that succeeded, and the others.
        'retention_days': 30,
        'retention_failed_days': 90,
        # Days after which is deleted who asked for which secret, and the history of what checks of credentials found.
        'audit_days': 365,
        # Devices that reject a credential within so many seconds, and so stop it on all of them.
        'credential_reject_devices': 5,
        'credential_reject_window': 900,
        # Rejections in a row after which a credential is not tried on a device, for so many seconds.
        'device_reject_limit': 3,
        'device_reject_pause': 3600,
        # Whether the first host key that a device shows is trusted ('first-use'), or has to be approved ('strict').
        'host_key_policy': 'first-use',
        # What Prometheus shows as `Authorization: Bearer …` to read /plugins/netops/metrics/: 16 to 200 letters, digits
        # and -._~+/=. None: only users who may view runs read it. See docs/how-to/monitor.md.
        'metrics_token': None,
        # Seconds without a tick after which /plugins/netops/health/worker/ fails. A tick runs every 2 s in
        # `netbox netops_scheduler`, and where nobody starts that, once a minute in a job worker.
        'health_tick_seconds': 180,
        # Slug of a gateway -> URL of the Redis at which its workers listen for work, for example
        # {'gru': 'rediss://:password@gru.example.net:6379/0'}. Without it they ask every 30 s; docs/how-to/gateway.md.
        'gateway_redis': {},
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
