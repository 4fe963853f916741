"""The demo's network as plain data: what NetBox is told about it, and what answers for it. No Django here."""

from dataclasses import dataclass, field

from demo import border_router
from lab.paths import cache_directory
from lab.snmpsim import SimulatedDevice

__all__ = (
    'COMMUNITY',
    'COMMUNITY_FILE',
    'COMMUNITY_FORTALEZA',
    'COMMUNITY_VARIABLE',
    'DEVICES',
    'PLATFORMS',
    'SITES',
    'TENANTS',
    'VIRTUAL_MACHINES',
    'Machine',
    'simulated_devices',
)

# The community of Fortaleza differs: there the first credential fails and the second, of a file, works.
COMMUNITY = 'demo-ro'
COMMUNITY_FORTALEZA = 'fortaleza-ro'
COMMUNITY_VARIABLE = 'NETOPS_SECRET_DEMO_SNMP'
COMMUNITY_FILE = 'fortaleza/snmp-community'

SITES = {
    'spo1': ('São Paulo POP', 'America/Sao_Paulo'),
    'rjo1': ('Rio de Janeiro POP', 'America/Sao_Paulo'),
    'for1': ('Fortaleza POP', 'America/Fortaleza'),
}
TENANTS = {'backbone': 'Backbone', 'enterprise': 'Enterprise services'}
ROLES = {
    'core-router': ('Core router', 'aa1409'),
    'switch': ('Switch', '2196f3'),
    'firewall': ('Firewall', 'ff5722'),
    'wlan-controller': ('WLAN controller', '9c27b0'),
    'server': ('Server', '607d8b'),
}
# Platform -> (name, manufacturer).
PLATFORMS = {
    'junos': ('Junos', 'Juniper'),
    'ios-xr': ('IOS-XR', 'Cisco'),
    'vrp': ('VRP', 'Huawei'),
    'nx-os': ('NX-OS', 'Cisco'),
    'ios': ('IOS', 'Cisco'),
    'eos': ('EOS', 'Arista'),
    'pan-os': ('PAN-OS', 'Palo Alto Networks'),
    'arubaos': ('ArubaOS', 'Aruba'),
    'procurve': ('ProCurve', 'HPE'),
    'fastiron': ('FastIron', 'Brocade'),
    'linux': ('Linux', 'Generic'),
}


BORDER_ROUTER = 'border-router'


@dataclass(frozen=True)
class Machine:
    """A device or virtual machine. `recording` None: nothing answers at its address; BORDER_ROUTER: one of our own.

    `out_of_band`: the address is its out-of-band one, and it has no primary address. `chassis`: name of its virtual
    chassis; the member without an address is reached through the one that has it.
    """

    name: str
    site: str
    platform: str
    role: str = 'server'
    tenant: str = 'backbone'
    model: str = ''
    address: str | None = None
    recording: str | None = None
    out_of_band: bool = False
    chassis: str | None = None
    interfaces: tuple[str, ...] = field(default=('mgmt0',))

    @property
    def community(self) -> str:
        return COMMUNITY_FORTALEZA if self.site == 'for1' else COMMUNITY


DEVICES = (
    Machine('spo1-cr1', 'spo1', 'junos', 'core-router', model='MX960', address='127.10.1.1',
            recording='network/router/juniper-mx960-12-3r6-6', interfaces=('fxp0', 'xe-0/0/0', 'xe-0/0/1')),
    Machine('spo1-br1', 'spo1', 'ios-xr', 'core-router', model='ASR-9001', address='127.10.1.6',
            recording=BORDER_ROUTER,
            interfaces=('MgmtEth0/RSP0/CPU0/0', 'TenGigE0/0/0/0', 'TenGigE0/0/0/1', 'TenGigE0/0/0/2', 'Loopback0')),
    Machine('spo1-sw1', 'spo1', 'vrp', 'switch', model='S5720-36C-EI-AC', address='127.10.1.2',
            recording='network/router/huawei-s5720', interfaces=('MEth0/0/1', 'GigabitEthernet0/0/1')),
    Machine('spo1-dc1', 'spo1', 'nx-os', 'switch', 'enterprise', 'Nexus 5596UP', '127.10.1.3',
            'network/switch/cisco-n5000', interfaces=('mgmt0', 'Ethernet1/1', 'Ethernet1/2')),
    Machine('spo1-dc2', 'spo1', 'eos', 'switch', 'enterprise', 'DCS-7150S-52-CL', '127.10.1.4',
            'cloud/arista-dcs-7150s-52-cl', interfaces=('Management1', 'Ethernet1', 'Ethernet2')),
    Machine('spo1-fw1', 'spo1', 'pan-os', 'firewall', 'enterprise', 'PA-5000', '127.10.1.5',
            'network/firewall/paloalto-pa-5000', interfaces=('mgmt', 'ethernet1/1')),
    Machine('rjo1-sw1', 'rjo1', 'ios', 'switch', model='Catalyst 3750', address='127.10.2.1', chassis='rjo1-stack1',
            recording='network/switch/cisco-c3750', interfaces=('Vlan1', 'GigabitEthernet1/0/1')),
    Machine('rjo1-sw1-2', 'rjo1', 'ios', 'switch', model='Catalyst 3750', chassis='rjo1-stack1',
            interfaces=('GigabitEthernet2/0/1',)),
    Machine('rjo1-sw2', 'rjo1', 'ios', 'switch', 'enterprise', 'Catalyst 3560', '127.10.2.2',
            'network/switch/cisco-c3560', interfaces=('Vlan1', 'GigabitEthernet0/1')),
    Machine('rjo1-wc1', 'rjo1', 'arubaos', 'wlan-controller', 'enterprise', '7210', '127.10.2.3',
            'network/wifi/aruba-7210', interfaces=('mgmt', 'GE 0/0/0')),
    # Nothing listens at this address: the demo's dead device.
    Machine('rjo1-sw9', 'rjo1', 'ios', 'switch', model='Catalyst 3560', address='127.10.2.9', interfaces=('Vlan1',)),
    Machine('for1-cr1', 'for1', 'junos', 'core-router', model='MX960', address='127.10.3.1',
            recording='network/router/juniper-mx960-13-3r9-13', interfaces=('fxp0', 'xe-0/0/0')),
    Machine('for1-sw1', 'for1', 'procurve', 'switch', model='ProCurve 516733-B21', address='127.10.3.2',
            recording='network/switch/hpe-procurve-516733-b21', interfaces=('DEFAULT_VLAN', '1')),
    Machine('for1-sw2', 'for1', 'fastiron', 'switch', 'enterprise', 'ICX6430-24', '127.10.3.3',
            'network/switch/brocade-icx6430-24', out_of_band=True, interfaces=('mgmt1', 'GigabitEthernet1/1/1')),
)  # fmt: skip
VIRTUAL_MACHINES = (
    Machine('spo1-mon1', 'spo1', 'linux', tenant='enterprise', address='127.10.1.50',
            recording='os/linux/slackware', interfaces=('eth0',)),
)  # fmt: skip


def simulated_devices() -> list[SimulatedDevice]:
    """What answers on loopback for the demo's network."""
    own = border_router.write_recording(cache_directory() / f'{BORDER_ROUTER}.snmprec')
    return [
        SimulatedDevice(
            machine.address,
            str(own) if machine.recording == BORDER_ROUTER else machine.recording,
            machine.name,
            machine.community,
        )
        for machine in (*DEVICES, *VIRTUAL_MACHINES)
        if machine.recording
    ]
