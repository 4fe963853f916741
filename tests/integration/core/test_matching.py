"""Which credentials apply: scopes as in config contexts, order by weight, the one that worked first."""

from dcim.models import DeviceRole, Location, Region
from extras.models import Tag
from tenancy.models import Tenant, TenantGroup
from utilities.testing import TestCase

from netbox_netops.inventory import sync
from netbox_netops.matching import DIMENSIONS, credentials_for, explain, in_scope
from netbox_netops.models import Target
from tests.integration.factories import make_credential, make_machine, make_platform, make_site, make_target


class MatchingTest(TestCase):
    def names(self, target, protocols=('snmp-v2c',)):
        target.refresh_from_db()
        return [credential.name for credential in credentials_for([target], protocols)[target.pk]]

    def test_empty_scope_applies_to_everything_by_weight_then_name(self):
        make_credential('c', weight=10)
        make_credential('b', weight=5)
        make_credential('a', weight=10)
        self.assertEqual(self.names(make_target()), ['b', 'a', 'c'])

    def test_disabled_and_other_protocols_do_not_apply(self):
        make_credential('off', enabled=False)
        make_credential('on')
        self.assertEqual(self.names(make_target()), ['on'])
        self.assertEqual(self.names(make_target(), protocols=('ssh-password',)), [])

    def test_any_value_of_a_dimension_and_all_dimensions(self):
        here, there, elsewhere = make_site(), make_site(), make_site()
        tenant = Tenant.objects.create(name='T', slug='t')
        credential = make_credential('scoped')
        credential.sites.set([here, there])
        self.assertEqual(self.names(make_target(site=here)), ['scoped'])
        self.assertEqual(self.names(make_target(site=there)), ['scoped'])
        self.assertEqual(self.names(make_target(site=elsewhere)), [])
        credential.tenants.add(tenant)
        self.assertEqual(self.names(make_target(site=here)), [])
        self.assertEqual(self.names(make_target(site=here, tenant=tenant)), ['scoped'])

    def test_branch_of_roles_and_platforms_covers_what_is_below(self):
        root = DeviceRole.objects.create(name='Network', slug='network')
        leaf = DeviceRole.objects.create(name='Edge', slug='edge', parent=root)
        ios = make_platform('IOS')
        xe = make_platform('IOS XE', parent=ios)
        credential = make_credential('tree')
        credential.roles.add(root)
        credential.platforms.add(ios)
        self.assertEqual(self.names(make_target(role=leaf, platform=xe)), ['tree'])
        self.assertEqual(self.names(make_target(role=leaf)), [])
        credential.roles.set([leaf])
        self.assertEqual(self.names(make_target(role=root, platform=ios)), [])

    def test_every_dimension(self):
        """In each, an object that the target belongs to matches, one above it where there is a tree, no other."""
        world = Region.objects.create(name='World', slug='world')
        region = Region.objects.create(name='Here', slug='here', parent=world)
        site = make_site(region=region)
        hall = Location.objects.create(name='Hall', slug='hall', site=site)
        row = Location.objects.create(name='Row', slug='row', site=site, parent=hall)
        customers = TenantGroup.objects.create(name='Customers', slug='customers')
        group = TenantGroup.objects.create(name='Large', slug='large', parent=customers)
        tenant = Tenant.objects.create(name='T', slug='t', group=group)
        tag, other = (Tag.objects.create(name=name, slug=name) for name in ('lab', 'other'))
        target = make_target(site=site, location=row, tenant=tenant, platform=make_platform('IOS'))
        target.device.tags.add(tag)
        stranger = make_target(address='192.0.2.2')
        stranger.device.tags.add(other)
        role = DeviceRole.objects.create(name='R', slug='r')
        for name, matching, not_matching in (
            ('regions', [region, world], Region.objects.create(name='There', slug='there')),
            ('sites', [site], stranger.site),
            ('locations', [row, hall], Location.objects.create(name='L', slug='l', site=site)),
            ('roles', [target.role], role),
            ('platforms', [target.platform], make_platform('EOS')),
            ('tenant_groups', [group, customers], TenantGroup.objects.create(name='G', slug='g')),
            ('tenants', [tenant], Tenant.objects.create(name='U', slug='u')),
            ('device_tags', [tag], other),
            ('devices', [target.device], stranger.device),
        ):
            for obj in matching:
                with self.subTest(name, obj=str(obj)):
                    credential = make_credential('scoped')
                    getattr(credential, name).set([obj, not_matching])
                    self.assertEqual(self.names(target), ['scoped'])
                    self.assertEqual([match.why for match in explain(target, ['snmp-v2c'])], [{name: obj.pk}])
                    self.assertIn(target, Target.objects.filter(in_scope(credential)))
                    getattr(credential, name).set([not_matching])
                    self.assertEqual(self.names(target), [])
                    self.assertNotIn(target, Target.objects.filter(in_scope(credential)))
                    credential.delete()

    def test_tags_of_virtual_machines(self):
        tag = Tag.objects.create(name='lab', slug='lab')
        machine = make_machine(address='192.0.2.3')
        machine.tags.add(tag)
        sync(virtual_machine_ids=[machine.pk])
        credential = make_credential('tagged')
        credential.device_tags.add(tag)
        target = machine.netops_target
        self.assertEqual(self.names(target), ['tagged'])
        self.assertEqual(list(Target.objects.filter(in_scope(credential))), [target])

    def test_the_scope_as_a_condition_says_what_the_matching_says(self):
        tag = Tag.objects.create(name='lab', slug='lab')
        here, there = make_site(), make_site()
        targets = [make_target(site=site, address=None) for site in (here, here, there)]
        targets[0].device.tags.add(tag)
        targets[2].device.tags.add(tag)
        credential = make_credential()
        for sites, tags, number in (([], [], 3), ([here], [], 2), ([], [tag], 2), ([here], [tag], 1)):
            with self.subTest(sites=len(sites), tags=len(tags)):
                credential.sites.set(sites)
                credential.device_tags.set(tags)
                matched = {pk for pk, found in credentials_for(targets, ['snmp-v2c']).items() if found}
                self.assertEqual(len(matched), number)
                listed = Target.objects.filter(in_scope(credential)).values_list('pk', flat=True)
                self.assertEqual(sorted(listed), sorted(matched))

    def test_the_one_that_worked_is_tried_first(self):
        make_credential('light', weight=1)
        heavy = make_credential('heavy', weight=9)
        target = make_target()
        Target.objects.filter(pk=target.pk).update(snmp_credential=heavy)
        self.assertEqual(self.names(target), ['heavy', 'light'])
        heavy.delete()
        self.assertEqual(self.names(target), ['light'])

    def test_number_of_queries_does_not_depend_on_targets_or_credentials(self):
        site = make_site()
        counts = []
        for _ in range(2):
            for _ in range(5):
                make_credential().sites.add(site)
                make_target(site=site)
            targets = list(Target.objects.all())
            # One for the credentials, one for each dimension.
            with self.assertNumQueries(1 + len(DIMENSIONS)):
                counts.append(sum(len(found) for found in credentials_for(targets, ['snmp-v2c']).values()))
        self.assertEqual(counts, [25, 100])
