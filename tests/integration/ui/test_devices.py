"""The pages of devices and virtual machines: what NetOps adds to them."""

from dcim.models import Device, VirtualChassis
from django.urls import reverse
from virtualization.models import VirtualMachine

from netbox_netops.inventory import sync
from netbox_netops.models import BGPPeerState, Run, RunTarget, ScanResult, SystemState, Target
from tests.integration.api.base import (
    make_difference,
    make_interface,
    make_peer,
    make_run,
    make_run_target,
    make_scan,
    make_system,
)
from tests.integration.factories import make_device, make_machine, make_site, make_target

from .base import UiCase, make_state

NOTHING_KNOWN = 'Nothing is known here yet'


def tab_url(obj):
    return reverse(f'{obj._meta.app_label}:{obj._meta.model_name}_netops', args=[obj.pk])


class TabTest(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('router', address='192.0.2.1')
        cls.device = cls.target.device

    def setUp(self):
        super().setUp()
        self.grant('view', Device, VirtualMachine, Run)

    def test_everything_about_a_scanned_device(self):
        make_state(self.target)
        ScanResult.objects.update(uptime_ticks=8_640_000, counts={'interfaces': 4711})
        SystemState.objects.update(
            name='router.example.net', description='Acme OS 1.2', vendor='Acme', serial='ACM0815', os_version='1.2'
        )
        Target.objects.update(reachability='reachable', last_error='deadline:probe')
        page = self.page(tab_url(self.device))
        for text in (
            '192.0.2.1',
            'Reachable',
            'The device took too long',  # title of the error code
            'The agent is slow or overloaded',  # and what to do
            'router.example.net',
            'Acme OS 1.2',
            'ACM0815',
            '4711',
            '1d',
            'eth1',
            'Recent runs',
            Run.objects.get().get_absolute_url(),
        ):
            self.assertIn(text, page)

    def test_link_to_the_target_for_those_who_may_view_it(self):
        self.assertNotIn(self.target.get_absolute_url(), self.page(tab_url(self.device)))
        self.grant('view', Target)
        self.assertIn(self.target.get_absolute_url(), self.page(tab_url(self.device)))

    def test_only_rows_of_this_target(self):
        other = make_target('other', address='192.0.2.2')
        make_state(other)
        SystemState.objects.update(name='foreign-name')
        make_interface(other, index=2, name='foreign-port')
        page = self.page(tab_url(self.device))
        self.assertNotIn('foreign', page)
        self.assertIn('No interface was found', page)

    def test_latest_facts_stay_when_a_later_scan_failed(self):
        good = make_scan(self.target)
        make_system(self.target, name='good-name')
        make_scan(self.target, ok=False, error_code='unreachable:no-response')
        Target.objects.update(latest_scan=good)
        page = self.page(f'{tab_url(self.device)}?section=scans')
        self.assertIn('good-name', page)
        self.assertIn('No answer from the device', page)

    def test_interfaces_are_searched_and_paged_inside_the_tab(self):
        for index in range(1, 31):
            make_interface(self.target, index=index, name=f'port-{index}')
        part = self.page(f'{tab_url(self.device)}?per_page=10&page=2&sort=-index', HTTP_HX_REQUEST='true')
        self.assertNotIn('<html', part)
        self.assertEqual([n for n in range(1, 31) if f'>port-{n}<' in part], list(range(11, 21)))
        part = self.page(f'{tab_url(self.device)}?q=port-5', HTTP_HX_REQUEST='true')
        self.assertEqual([n for n in range(1, 31) if f'>port-{n}<' in part], [5])

    def test_a_device_no_sync_has_seen(self):
        Target.objects.all().delete()
        page = self.page(tab_url(self.device))
        self.assertIn(NOTHING_KNOWN, page)
        self.assertNotIn('netops-scan', page)
        self.grant('netops_scan', Device)
        self.assertEqual(self.page(tab_url(self.device)).count(reverse('dcim:device_netops_scan', args=[1])[-13:]), 2)

    def test_a_device_that_is_not_operated(self):
        device = make_device('spare', status='inventory')
        page = self.page(tab_url(device))
        self.assertIn(NOTHING_KNOWN, page)
        self.assertIn('does not operate objects of the status Inventory', page)

    def test_virtual_machine(self):
        machine = make_machine('vm', address='192.0.2.9')
        self.assertIn(NOTHING_KNOWN, self.page(tab_url(machine)))
        sync(virtual_machine_ids=[machine.pk])
        page = self.page(tab_url(machine))
        self.assertIn('192.0.2.9', page)
        self.assertNotIn(NOTHING_KNOWN, page)
        self.assertIn(tab_url(machine), self.page(machine.get_absolute_url()))


class SummaryTest(UiCase):
    def setUp(self):
        super().setUp()
        self.target = make_target('router', address='192.0.2.1')
        self.grant('view', Device)

    def summary(self, obj=None):
        page = self.page((obj or self.target.device).get_absolute_url())
        self.assertNotIn('exception', page.lower())
        return page[page.index('id="netops-summary"') :].split('</div>\n<footer', 1)[0]

    def test_before_the_first_scan(self):
        summary = self.summary()
        self.assertIn('Unknown', summary)
        self.assertIn('192.0.2.1', summary)
        self.assertIn(tab_url(self.target.device), summary)

    def test_after_scans(self):
        good = make_scan(self.target, uptime_ticks=360_000)
        make_system(self.target, name='good-name')
        Target.objects.update(latest_scan=good, reachability='reachable')
        summary = self.summary()
        for text in ('Reachable', 'good-name', '1h', 'Succeeded'):
            self.assertIn(text, summary)
        make_scan(self.target, ok=False, error_code='unreachable:no-response')
        summary = self.summary()
        for text in ('No answer from the device', 'unreachable:no-response', 'good-name'):
            self.assertIn(text, summary)

    def test_system_in_three_lines(self):
        make_system(self.target, vendor='Acme', model='R-1', os='Acme OS', os_version='1.2', serial='<b>ACM0815')
        summary = self.summary()
        for text in ('Acme R-1', 'Acme OS 1.2', '&lt;b&gt;ACM0815'):
            self.assertIn(text, summary)
        self.assertNotIn('<b>ACM', summary)
        make_system(self.target, vendor='', model='', os='', os_version='', serial='')
        self.assertNotIn('Serial number', self.summary())

    def test_sessions(self):
        self.assertNotIn('section=bgp', self.summary())
        for number in range(1, 21):
            make_peer(self.target, number)
        link = f'{tab_url(self.target.device)}?section=bgp'
        summary = self.summary()
        self.assertIn('20 sessions', summary)
        self.assertIn(f'href="{link}#netops-section"', summary)
        self.assertNotIn('down', summary)
        BGPPeerState.objects.filter(address='203.0.113.7').update(state=1)
        BGPPeerState.objects.filter(address='203.0.113.8').update(state=1, enabled=False)
        summary = self.summary()
        self.assertIn('1 down', summary)
        self.assertIn(f'href="{link}&amp;down=true#netops-section"', summary)

    def test_differences(self):
        make_difference(self.target, ignored=True)
        self.assertNotIn('section=differences', self.summary())
        make_difference(self.target, 'name')
        link = f'{tab_url(self.target.device)}?section=differences&amp;ignored=false#netops-section'
        self.assertIn(f'<a href="{link}">1</a>', self.summary())

    def test_not_synchronized(self):
        self.assertIn('Not synchronized yet', self.summary(make_device('new')))

    def test_work_in_progress(self):
        self.assertNotIn('spinner-border', self.summary())
        make_run_target(make_run(), self.target, state='running')
        self.assertIn('spinner-border', self.summary())
        RunTarget.objects.update(state='succeeded')
        self.assertNotIn('spinner-border', self.summary())


class ChassisTest(UiCase):
    """A member that is reached through the master shows the master's target, to those who may see the master."""

    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.master = make_device('chassis-1', address='192.0.2.1', site=cls.site_b, vc_position=None)
        cls.member = make_device('chassis-2', site=cls.site_a)
        chassis = VirtualChassis.objects.create(name='chassis')
        for position, device in enumerate((cls.master, cls.member), start=1):
            device.virtual_chassis, device.vc_position = chassis, position
            device.save()
        chassis.master = cls.master
        chassis.save()
        sync()
        cls.target = Target.objects.get(device=cls.master)
        make_state(cls.target)

    def test_the_member_has_no_target_of_its_own(self):
        self.assertFalse(Target.objects.exclude(status='retired').filter(device=self.member).exists())

    def test_member_shows_the_master(self):
        self.grant('view', Device)
        page = self.page(tab_url(self.member))
        self.assertIn('member of a virtual chassis', page)
        self.assertIn(f'href="{self.master.get_absolute_url()}"', page)
        self.assertIn('192.0.2.1', page)
        self.assertIn('eth1', page)
        self.assertIn('Operated as', self.page(self.member.get_absolute_url()))

    def test_master_shows_itself(self):
        self.grant('view', Device)
        page = self.page(tab_url(self.master))
        self.assertNotIn('member of a virtual chassis', page)
        self.assertIn('192.0.2.1', page)

    def test_nothing_of_a_master_that_may_not_be_viewed(self):
        self.grant('view', Device, site=self.site_a.pk)
        for url in (tab_url(self.member), self.member.get_absolute_url()):
            page = self.page(url)
            self.assertNotIn('192.0.2.1', page)
            self.assertNotIn('eth1', page)
        self.assertIn('operated together with the master', self.page(tab_url(self.member)))

    def test_member_with_an_address_of_its_own(self):
        from tests.integration.factories import assign_address

        assign_address(self.member, '192.0.2.2')
        sync()
        self.grant('view', Device)
        page = self.page(tab_url(self.member))
        self.assertIn('192.0.2.2', page)
        self.assertNotIn('member of a virtual chassis', page)
