"""Which credentials apply: scopes as in config contexts, order by weight, the one that worked first."""

from dcim.models import DeviceRole
from tenancy.models import Tenant
from utilities.testing import TestCase

from netbox_netops.matching import credentials_for
from netbox_netops.models import Target
from tests.integration.factories import make_credential, make_platform, make_site, make_target


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
            with self.assertNumQueries(5):
                counts.append(sum(len(found) for found in credentials_for(targets, ['snmp-v2c']).values()))
        self.assertEqual(counts, [25, 100])
