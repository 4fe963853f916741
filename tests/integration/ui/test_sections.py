"""The tables on the NetOps tab and on the page of a target: one at a time, filtered by clicks, at a constant price."""

from datetime import timedelta

from dcim.models import Device, Interface
from django.urls import reverse
from django.utils import timezone
from ipam.models import VRF, IPAddress
from virtualization.models import VirtualMachine

from netbox_netops.models import (
    AddressState,
    BGPPeerState,
    Difference,
    InterfaceState,
    InventoryState,
    NeighbourState,
    ScanResult,
    Target,
)
from netbox_netops.views.sections import SECTIONS
from tests.integration.api.base import (
    make_address,
    make_difference,
    make_entity,
    make_interface,
    make_neighbour,
    make_peer,
    make_scan,
    make_state,
)
from tests.integration.factories import assign_address, make_device, make_site, make_target

from .base import HTMX, UiCase

MARKUP = '<script>alert(1)</script>'
ESCAPED = '&lt;script&gt;alert(1)&lt;/script&gt;'
SLUGS = [section.slug for section in SECTIONS]
# A text of a row of each section, as make_state makes them, that no other section shows.
TEXTS = {
    'interfaces': 'Down</span>',
    'bgp': '203.0.113.1',
    'neighbours': 'far1',
    'addresses': '198.51.100.1/24',
    'inventory': 'Slot 1',
    'differences': 'Serial number</span>',
    'scans': 'Baseline</span>',
}


class SectionCase(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('router', address='192.0.2.1')
        cls.device = cls.target.device
        cls.url_of_tab = reverse('dcim:device_netops', args=[cls.device.pk])

    def setUp(self):
        super().setUp()
        self.grant('view', Device, VirtualMachine)

    def section(self, slug, **query):
        """The context of the section, and the HTML of its table."""
        response = self.client.get(self.url_of_tab, {'section': slug, **query}, **HTMX)
        self.assertHttpStatus(response, 200)
        return response.context, response.content.decode()

    def rows(self, slug, **query):
        context, _html = self.section(slug, **query)
        return [str(row) for row in context['table'].data]

    def tab(self, slug, of='interfaces'):
        context, _html = self.section(of)
        return next(tab for tab in context['section_tabs'] if tab['slug'] == slug)

    def facets(self, slug):
        context, _html = self.section(slug)
        return {str(facet['label']): facet['count'] for facet in context['section_facets']}


class ChoiceTest(SectionCase):
    def test_only_the_chosen_section_is_loaded(self):
        make_state(self.target)
        ScanResult.objects.update(first=True)
        for slug in SLUGS:
            _context, html = self.section(slug)
            table = html[html.index('<table') :]
            with self.subTest(slug):
                self.assertEqual([name for name, text in TEXTS.items() if text in table], [slug])
                # As a whole page, for those who follow or share the link.
                self.assertIn(TEXTS[slug], self.page(f'{self.url_of_tab}?section={slug}'))

    def test_without_a_choice_or_with_a_wrong_one(self):
        make_state(self.target)
        for query in ('', '?section=', '?section=nonsense'):
            self.assertIn('>eth1<', self.page(f'{self.url_of_tab}{query}'))

    def test_the_same_on_the_page_of_the_target(self):
        make_state(self.target)
        self.grant('view', Target)
        for slug in SLUGS:
            response = self.client.get(self.target.get_absolute_url(), {'section': slug})
            self.assertEqual(len(response.context['table'].data), 1, slug)

    def test_tabs_are_links(self):
        page = self.page(f'{self.url_of_tab}?section=bgp')
        for slug in SLUGS:
            self.assertIn(f'href="{self.url_of_tab}?section={slug}#netops-section"', page)
        self.assertEqual(page.count('aria-current="page"'), 1)

    def test_numbers_of_rows(self):
        for number in range(1, 4):
            make_interface(self.target, number, oper_status=number)
            make_peer(self.target, number, state=(6, 1, 3)[number - 1])
            make_neighbour(self.target, number)
        make_peer(self.target, 4, state=1, enabled=False)
        make_peer(self.target, 5, state=None)
        make_difference(self.target, 'serial', ignored=True)
        make_difference(self.target, 'name')
        # Of another device.
        make_state(make_target(address='192.0.2.2'))
        numbers = {slug: (self.tab(slug)['count'], self.tab(slug)['alert']) for slug in SLUGS}
        self.assertEqual(
            numbers,
            {
                'interfaces': (3, 0),
                'bgp': (5, 2),
                'neighbours': (3, 0),
                'addresses': (0, 0),
                'inventory': (0, 0),
                'differences': (1, 0),
                'scans': (0, 0),
            },
        )

    def test_never_scanned(self):
        for slug in SLUGS:
            page = self.page(f'{self.url_of_tab}?section={slug}')
            with self.subTest(slug):
                self.assertIn('nothing has been read from the device', page)
        Target.objects.update(latest_scan=make_scan(self.target))
        self.assertNotIn('nothing has been read', self.page(self.url_of_tab))

    def test_empty_sections_say_so(self):
        for slug, text in (
            ('interfaces', 'No interface was found'),
            ('bgp', 'No BGP session was found'),
            ('neighbours', 'No neighbour was found'),
            ('addresses', 'No IP address was found'),
            ('inventory', 'No physical entity was found'),
            ('scans', 'Not scanned yet'),
        ):
            with self.subTest(slug):
                self.assertIn(text, self.section(slug)[1])

    def test_a_family_that_could_not_be_read(self):
        scan = make_scan(self.target, problems=[{'collector': 'bgp', 'code': 'snmp:endless-walk', 'detail': MARKUP}])
        Target.objects.update(latest_scan=scan)
        for slug in SLUGS:
            _context, html = self.section(slug)
            with self.subTest(slug):
                self.assertEqual('could not read this completely' in html, slug == 'bgp')
                self.assertNotIn(MARKUP, html)
        self.assertIn('snmp:endless-walk', self.section('bgp')[1])

    def test_nothing_unescaped(self):
        make_interface(self.target, alias=MARKUP, name=MARKUP, description=MARKUP)
        make_peer(self.target, description=MARKUP, vrf=MARKUP, last_error='<b>1</b>', mib=MARKUP)
        make_neighbour(self.target, system_name=MARKUP, port_description=MARKUP, platform=MARKUP, protocol='<i>x')
        make_entity(self.target, name=MARKUP, description=MARKUP, serial=MARKUP)
        make_address(self.target)
        make_difference(self.target, key=MARKUP, found=MARKUP, documented=MARKUP)
        make_scan(self.target, error_detail=MARKUP, worker=MARKUP,
                  problems=[{'collector': MARKUP, 'code': MARKUP, 'detail': MARKUP}])  # fmt: skip
        for section in SECTIONS:
            columns = ','.join(section.table.base_columns)
            page = self.page(f'{self.url_of_tab}?section={section.slug}&include_columns={columns}')
            with self.subTest(section.slug):
                self.assertNotIn(MARKUP, page)
                self.assertNotIn('<b>1', page)
                self.assertNotIn('<i>x', page)
                self.assertIn(ESCAPED, page)


class FilterTest(SectionCase):
    def test_interfaces_by_state(self):
        for number, values in enumerate(
            ({'oper_status': 1}, {'oper_status': 2}, {'oper_status': 7}, {'oper_status': 2, 'admin_status': 2}), 1
        ):
            make_interface(self.target, number, **values)
        make_interface(self.target, 5, oper_status=None)
        self.assertEqual(
            self.facets('interfaces'), {'All': 5, 'Enabled and not up': 2, 'Up': 1, 'Down': 2, 'Lower layer down': 1}
        )
        self.assertEqual(self.rows('interfaces', oper_status='2'), ['eth2', 'eth4'])
        self.assertEqual(self.rows('interfaces', down='true'), ['eth2', 'eth3'])
        self.assertEqual(self.rows('interfaces', down='false'), ['eth1', 'eth4', 'eth5'])
        self.assertEqual(self.rows('interfaces', q='TH3'), ['eth3'])
        page = self.page(f'{self.url_of_tab}?section=interfaces&oper_status=2')
        self.assertEqual(page.count('aria-current="true"'), 1)
        self.assertIn(f'{self.url_of_tab}?section=interfaces&amp;down=true#netops-section', page)

    def test_sessions_by_state(self):
        make_peer(self.target, 1)
        make_peer(self.target, 2, state=1)
        make_peer(self.target, 3, state=1, enabled=False)
        self.assertEqual(self.facets('bgp'), {'All': 3, 'Enabled and not established': 1, 'Idle': 2, 'Established': 1})
        self.assertEqual(self.rows('bgp', down='true'), ['v0 203.0.113.2'])
        self.assertEqual(self.rows('bgp', state='6'), ['v0 203.0.113.1'])
        self.assertEqual(self.rows('bgp', q='AS64500'), [f'v0 203.0.113.{n}' for n in (1, 2, 3)])

    def test_others(self):
        make_neighbour(self.target, 1)
        make_neighbour(self.target, 2, protocol='cdp')
        self.assertEqual(self.facets('neighbours'), {'All': 2, 'CDP': 1, 'LLDP': 1})
        make_entity(self.target, 1, physical_class=3)
        make_entity(self.target, 2, physical_class=None)
        self.assertEqual(self.facets('inventory'), {'All': 2, 'Chassis': 1})
        make_difference(self.target, 'serial')
        self.assertEqual(self.facets('differences'), {'All': 1, 'Serial number': 1})
        self.assertEqual(self.facets('addresses'), {})

    def test_names_of_the_interface_and_of_the_container(self):
        make_interface(self.target, 7, name='Vlan7')
        make_interface(make_target(address='192.0.2.2'), 8, name='foreign')
        make_address(self.target, 7)
        make_address(self.target, 8)
        make_entity(self.target, 1, name='Chassis A')
        make_entity(self.target, 2, parent=1)
        _context, html = self.section('addresses', sort='interface_name')
        self.assertIn('Vlan7', html)
        self.assertNotIn('foreign', html)
        self.assertEqual(self.section('inventory')[1].count('Chassis A'), 2)


class InterfaceTest(SectionCase):
    def test_values_as_engineers_write_them(self):
        make_interface(
            self.target,
            type=6,
            speed=10**10,
            mtu=9216,
            mac='00:00:5e:00:53:01',
            alias='to core',
            oper_since=timezone.now() - timedelta(days=3),
        )
        _context, html = self.section('interfaces')
        for text in ('10 Gbps', 'ethernetCsmacd', '9216', '00:00:5e:00:53:01', 'to core', '3\xa0days', 'text-bg-red'):
            self.assertIn(text, html)

    def test_link_to_the_interface_for_those_who_may_view_it(self):
        interface = Interface.objects.create(device=self.device, name='eth1', type='other')
        make_interface(self.target, interface=interface)
        self.assertNotIn(interface.get_absolute_url(), self.section('interfaces')[1])
        self.grant('view', Interface)
        self.assertIn(interface.get_absolute_url(), self.section('interfaces')[1])

    def test_four_thousand(self):
        """They are paged, found, and cost as many queries as three."""
        self.make(1, 4)
        self.count_queries(self.url_of_tab)
        few = self.count_queries(self.url_of_tab)[1]
        self.make(4, 4001)
        response, many = self.count_queries(self.url_of_tab)
        self.assertEqual(many, few)
        table = response.context['table']
        self.assertEqual((table.page.paginator.count, len(table.page.object_list)), (4000, 50))
        self.assertEqual(self.tab('interfaces')['count'], 4000)
        _context, html = self.section('interfaces', page=80, sort='index')
        self.assertIn('>port-4000<', html)
        self.assertEqual(self.rows('interfaces', q='port-3999'), ['port-3999'])

    def make(self, first, last):
        now = timezone.now()
        InterfaceState.objects.bulk_create(
            InterfaceState(target=self.target, index=n, name=f'port-{n}', oper_since=now, changed_at=now)
            for n in range(first, last)
        )


class PeerTest(SectionCase):
    """A session leads to what NetBox knows at the other end."""

    def setUp(self):
        super().setUp()
        self.far = make_device('far-end')

    def peer_html(self):
        return self.section('bgp')[1]

    def test_words(self):
        make_peer(
            self.target,
            remote_as=65536 + 10,
            last_error='6.2',
            prefixes_accepted=1234,
            prefixes_advertised=567,
            description='transit',
            mib='BGP4-MIB',
            state=1,
        )
        page = self.page(f'{self.url_of_tab}?section=bgp&include_columns=mib')
        for text in ('65546', 'asdot: 1.10', 'Cease: Administrative Shutdown', '1234', '567', 'transit', 'BGP4-MIB'):
            self.assertIn(text, page)
        self.assertIn('Idle', page)

    def test_link_to_the_address_and_to_its_device(self):
        ip = assign_address(self.far, '203.0.113.1')
        make_peer(self.target, vrf='')
        html = self.peer_html()
        self.assertNotIn('far-end', html)
        self.assertNotIn(ip.get_absolute_url(), html)
        self.grant('view', IPAddress)
        html = self.peer_html()
        self.assertIn(f'<a href="{ip.get_absolute_url()}">203.0.113.1</a>', html)
        self.assertIn(f'<a href="{self.far.get_absolute_url()}">far-end</a>', html)

    def test_the_device_is_named_to_those_who_may_view_it(self):
        assign_address(self.far, '203.0.113.1')
        make_peer(self.target, vrf='')
        self.remove_permissions('dcim.view_device')
        self.grant('view', Device, name='router')
        self.grant('view', IPAddress)
        html = self.peer_html()
        self.assertNotIn('far-end', html)
        self.assertIn('IP address', html)

    def test_ipv6_in_any_notation(self):
        assign_address(self.far, '2001:db8::1')
        self.grant('view', IPAddress)
        make_peer(self.target, address='2001:0DB8:0::0001')
        self.assertIn('far-end', self.peer_html())

    def test_of_several_the_one_in_the_same_vrf(self):
        self.grant('view', IPAddress)
        red, blue = (VRF.objects.create(name=name) for name in ('red', 'blue'))
        first, second = (IPAddress.objects.create(address='203.0.113.1/32', vrf=vrf) for vrf in (red, blue))
        make_peer(self.target, vrf='blue')
        html = self.peer_html()
        self.assertIn(second.get_absolute_url(), html)
        self.assertNotIn(first.get_absolute_url(), html)
        BGPPeerState.objects.update(vrf='green')
        html = self.peer_html()
        self.assertNotIn(second.get_absolute_url(), html)
        first.delete()
        self.assertIn(second.get_absolute_url(), self.peer_html())

    def test_what_is_no_address_is_looked_up_nowhere(self):
        self.grant('view', IPAddress)
        for number, address in enumerate(('fe80::1%7', 'fe80::1', 'nonsense', '')):
            make_peer(self.target, number, address=address)
        self.assertEqual(len(self.rows('bgp')), 4)


class NeighbourTest(SectionCase):
    """A neighbour leads to the device of its name."""

    def setUp(self):
        super().setUp()
        self.far = make_device('Far-End')

    def links_to(self, device, system_name):
        NeighbourState.objects.all().delete()
        make_neighbour(self.target, system_name=system_name)
        return f'<a href="{device.get_absolute_url()}">{device.name}</a>' in self.section('neighbours')[1]

    def test_names(self):
        for name in ('Far-End', 'FAR-END.example.net', 'far-end(FOC1234X5YZ)', ' far-end '):
            self.assertTrue(self.links_to(self.far, name), name)
        for name in ('far', 'far-end2', 'example.net', '', '...'):
            self.assertFalse(self.links_to(self.far, name), name)
        dotted = make_device('10.0.0.1')
        self.assertTrue(self.links_to(dotted, '10.0.0.1'))
        self.assertFalse(self.links_to(make_device('10'), '10.0.0.2'))

    def test_a_name_that_several_have(self):
        make_device('far-end', site=make_site('B'))
        self.assertFalse(self.links_to(self.far, 'far-end'))

    def test_only_to_what_the_user_may_view(self):
        self.remove_permissions('dcim.view_device')
        self.grant('view', Device, name='router')
        self.assertFalse(self.links_to(self.far, 'Far-End'))


class SortingTest(SectionCase):
    """Gi0/2 comes before Gi0/10."""

    def test_names_with_numbers(self):
        names = ['Gi0/2', 'Gi0/10', 'Gi1/1']
        for number, name in enumerate(reversed(names)):
            make_interface(self.target, number, name=name)
            make_entity(self.target, number, name=name)
            make_neighbour(self.target, local_port=name, system_name=name)
            make_difference(self.target, 'interface-missing', key=name)
        for slug, column in (
            ('interfaces', 'name'),
            ('inventory', 'name'),
            ('neighbours', 'local_port'),
            ('differences', 'key'),
        ):
            for prefix, expected in (('', names), ('-', names[::-1])):
                context, _html = self.section(slug, sort=f'{prefix}{column}')
                with self.subTest(slug, prefix=prefix):
                    self.assertEqual([getattr(row, column) for row in context['table'].data], expected)


class DifferencesTest(SectionCase):
    def test_buttons_for_those_who_may(self):
        make_difference(self.target)
        apply, ignore = (reverse(f'plugins:netbox_netops:difference_bulk_{name}') for name in ('apply', 'ignore'))
        url = f'{self.url_of_tab}?section=differences'
        self.assertNotIn(apply, self.page(url))
        self.grant('view', Difference)
        page = self.page(url)
        self.assertIn(apply, page)
        self.assertNotIn(ignore, page)
        self.assertIn('name="pk"', page)
        self.grant('change', Difference)
        self.assertIn(ignore, self.page(url))
        # In no other section.
        page = self.page(self.url_of_tab)
        self.assertNotIn(apply, page)
        self.assertNotIn('name="pk"', page)

    def test_muting_comes_back_to_the_section(self):
        row = make_difference(self.target)
        self.grant('view', Difference)
        self.grant('change', Difference)
        url = f'{self.url_of_tab}?section=differences'
        button = self.page(url).split('name="_ignore"', 1)[1].split('formaction="', 1)[1].split('"', 1)[0]
        response = self.client.post(button.replace('&amp;', '&'), {'pk': [row.pk]})
        self.assertRedirects(response, url)
        row.refresh_from_db()
        self.assertTrue(row.ignored)


class ScansTest(SectionCase):
    def test_what_each_scan_brought(self):
        problem = {'collector': 'bgp', 'code': 'snmp:endless-walk', 'detail': ''}
        first = make_scan(self.target, first=True, started=timezone.now() - timedelta(days=1))
        make_scan(self.target, change_count=17, problems=[problem])
        _context, html = self.section('scans')
        for text in ('Baseline', '>17<', '1 family'):
            self.assertIn(text, html)
        self.assertNotIn(first.get_absolute_url(), html)
        self.grant('view', ScanResult)
        self.assertIn(first.get_absolute_url(), self.section('scans')[1])


class QueryCountTest(SectionCase):
    def test_the_same_number_of_queries_for_any_number_of_rows(self):
        self.grant('view', IPAddress, Interface)
        self.fill(1, 4)
        few = {slug: self.count(slug) for slug in SLUGS}
        self.fill(4, 60)
        for slug in SLUGS:
            with self.subTest(slug):
                rows, queries = self.count(slug)
                self.assertGreater(rows, 3)
                self.assertEqual(queries, few[slug][1])

    def count(self, slug):
        url = f'{self.url_of_tab}?section={slug}&per_page=1000'
        self.count_queries(url)
        response, queries = self.count_queries(url)
        return len(response.context['table'].page.object_list), queries

    def fill(self, first, last):
        for number in range(first, last):
            device = make_device(site=self.device.site)
            ip = assign_address(device, f'203.0.113.{number}')
            make_interface(self.target, number, interface=ip.assigned_object)
            for make in (make_address, make_entity, make_peer):
                make(self.target, number)
            make_neighbour(self.target, number, system_name=device.name)
            make_difference(self.target, 'interface-missing', key=f'x{number}', interface=ip.assigned_object)
            make_scan(self.target)


class VisibilityTest(SectionCase):
    """Of a device that the user may not view nothing is seen, whatever he may view of NetOps."""

    def test_sections_of_another_device(self):
        other = make_target('other', address='192.0.2.2')
        make_state(other)
        self.remove_permissions('dcim.view_device')
        self.grant('view', Device, name='router')
        self.grant(
            'view',
            *(Target, InterfaceState, BGPPeerState, NeighbourState, AddressState, InventoryState, Difference),
            ScanResult,
        )
        for slug in SLUGS:
            for url in (reverse('dcim:device_netops', args=[other.device_id]), other.get_absolute_url()):
                self.page(f'{url}?section={slug}', 404)
                self.page(f'{url}?section={slug}', 404, **HTMX)
