"""What the tests of the whole scan share."""

from netops_worker.engine import Engine
from netops_worker.probes import default_probes
from netops_worker.secrets import EnvironmentProvider, SecretResolver
from netops_worker.testing import MemorySink, MemorySource, make_task
from netops_worker.wire import CredentialRef

from .agent import below, gauge, integer, interface_objects, oid, string, system_objects, tlv

__all__ = (
    'OPTIONS',
    'PRIVACY',
    'SILENCE',
    'SYSTEM',
    'credential',
    'device_objects',
    'interfaces',
    'scan',
    'silent_from',
    'v3_credential',
)

SYSTEM = '1.3.6.1.2.1.1'
# Long, because a busy machine must not make an answer late; tests of silence give their own.
OPTIONS = {'timeout': 5, 'retries': 0}
SILENCE = 0.2
PRIVACY = 'NETOPS_SECRET_PRIVACY'


def credential(number, *, protocol='snmp-v2c', reference=None, **parameters):
    return CredentialRef(
        number, f'c{number}', protocol, 'environment', reference or f'NETOPS_SECRET_C{number}', parameters
    )


def v3_credential(number, **parameters):
    """That of the user of AgentV3. Its pass phrases: NETOPS_SECRET_C<number>, and PRIVACY."""
    defaults = {
        'username': 'operator', 'auth_protocol': 'SHA-256', 'privacy_protocol': 'AES', 'privacy_reference': PRIVACY,
    }  # fmt: skip
    return credential(number, protocol='snmp-v3', **{**defaults, **parameters})


def scan(agent, secrets=('public',), *, credentials=None, address=None, privacy='privacy-1', **options):
    """The result of scanning `agent`, through the engine, with one credential (of v2c) per secret."""
    environment = {f'NETOPS_SECRET_C{number}': value for number, value in enumerate(secrets, 1) if value}
    if credentials is None:
        credentials = [credential(number) for number in range(1, len(secrets) + 1)]
    port = {'port': agent.port} if agent else {}
    task = make_task(
        1,
        address=address or (agent.address if agent else '127.0.0.1'),
        credentials=tuple(credentials),
        options={**OPTIONS, **port, **options},
    )
    sink = MemorySink()
    resolver = SecretResolver({'environment': EnvironmentProvider({**environment, PRIVACY: privacy})})
    Engine(MemorySource([task]), sink, default_probes(), resolver, worker='w').run()
    return sink.results[1]


def interfaces(agent, **options):
    result = scan(agent, **options)
    assert result.ok, result.error_code
    return result.data['interfaces']


def silent_from(subtree, times):
    """A hook for an agent that is silent to everything from the `times`-th request below the subtree on."""
    asked = []

    def hook(request):
        if below(request, subtree):
            asked.append(request)
        return [] if len(asked) >= times else None

    return hook


def address(text):
    return tlv(0x40, bytes(map(int, text.split('.'))))


def row(entry, index, **columns):
    return {f'{entry}.{column[1:]}.{index}': value for column, value in columns.items()}


def device_objects():
    """A switch that has something in each table: one component, one address, one neighbour, one BGP session."""
    return {
        **system_objects(
            descr=string(
                'Cisco IOS Software, C3750 Software (C3750-IPSERVICESK9-M), Version 12.2(55)SE1, RELEASE SOFTWARE (fc1)'
            )
        ),
        **interface_objects(3),
        # entPhysicalEntry
        **row(
            '1.3.6.1.2.1.47.1.1.1.1', 1001, _2=string('Catalyst 3750G'), _4=integer(0), _5=integer(3), _7=string('1'),
            _8=string('V02'), _10=string('12.2(55)SE1'), _11=string('FDO1234X56Y'), _12=string('Cisco'),
            _13=string('WS-C3750G-24TS'), _16=integer(1),
        ),
        # ipAddrEntry
        **row(
            '1.3.6.1.2.1.4.20.1', '192.0.2.1', _1=address('192.0.2.1'), _2=integer(1), _3=address('255.255.255.0'),
        ),
        # lldpRemEntry and lldpLocPortEntry
        **row(
            '1.0.8802.1.1.2.1.4.1.1', '0.1.1', _4=integer(4), _5=string(b'\x00\x00\x5e\x00\x53\x01'), _6=integer(5),
            _7=string('ge-0/0/1'), _8=string('uplink'), _9=string('router1'), _10=string('A router'),
        ),
        **row('1.0.8802.1.1.2.1.3.7.1', 1, _2=integer(5), _3=string('Gi0/1'), _4=string('port')),
        # bgpPeerEntry, bgpLocalAs
        **row(
            '1.3.6.1.2.1.15.3.1', '192.0.2.2', _1=address('192.0.2.9'), _2=integer(6), _3=integer(2),
            _5=address('192.0.2.1'), _7=address('192.0.2.2'), _9=integer(64500), _16=gauge(3600),
        ),
        '1.3.6.1.2.1.15.2.0': integer(64501),
        '1.3.6.1.2.1.1.2.0': oid('1.3.6.1.4.1.9.1.516'),
    }  # fmt: skip
