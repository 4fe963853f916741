"""What the tests of filtersets share: looking for rows by names, and rows of three targets that differ."""

from dcim.models import DeviceRole
from tenancy.models import Tenant
from utilities.testing import BaseFilterSetTestMixin

from netbox_netops.filtersets import TargetFilterSet
from netbox_netops.models import Target
from tests.integration.factories import make_device, make_machine, make_platform, make_site

__all__ = (
    'FilterSetCase',
    'TargetRowsCase',
)

# Whose own filters are tested with its other fields.
_NOT_OF_TARGETS = {'target_id', 'role_id', 'role', 'platform_id', 'platform'}


class FilterSetCase(BaseFilterSetTestMixin):
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        # NetBox looks for the filtersets in the package of the test.
        cls.__module__ = 'netbox_netops.tests'

    def found(self, **params):
        filterset = self.filterset(params, self.queryset)
        self.assertTrue(filterset.is_valid(), filterset.errors)
        return sorted(str(row) if isinstance(row, Target) else row.name for row in filterset.qs)

    def invalid(self, **params):
        self.assertIn(next(iter(params)), self.filterset(params, self.queryset).errors)


class TargetRowsCase(FilterSetCase):
    """Three targets: a device at site A, an unlike device at site B, a machine without a site."""

    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.tenant = Tenant.objects.create(name='T', slug='t')
        cls.device = make_device('one', site=cls.site_a, tenant=cls.tenant)
        cls.machine = make_machine('three')
        cls.role = DeviceRole.objects.create(name='Edge', slug='edge')
        cls.platform = make_platform('Edge OS')
        scope = {
            'role': DeviceRole.objects.create(name='Edge router', slug='edge-router', parent=cls.role),
            'platform': make_platform('Edge OS XE', parent=cls.platform),
        }
        cls.targets = [
            Target.objects.create(device=cls.device, name='one', site=cls.site_a, tenant=cls.tenant, **scope),
            Target.objects.create(device=make_device('two', site=cls.site_b), name='two', site=cls.site_b),
            Target.objects.create(virtual_machine=cls.machine, name='three'),
        ]

    def check_target_filters(self):
        for params in (
            {'target_id': [self.targets[0].pk]},
            {'device_id': [self.device.pk]},
            {'device': ['one']},
            {'site_id': [self.site_a.pk]},
            {'site': ['a']},
            {'tenant_id': [self.tenant.pk]},
            {'tenant': ['t']},
            # Roles and platforms include what is below them.
            {'role_id': [self.role.pk]},
            {'role': ['edge']},
            {'platform_id': [self.platform.pk]},
            {'platform': ['edge-os']},
        ):
            with self.subTest(params):
                if self.filterset is TargetFilterSet and set(params) & _NOT_OF_TARGETS:
                    continue
                self.assertEqual(self.found(**params), ['one'])
        for params in ({'virtual_machine_id': [self.machine.pk]}, {'virtual_machine': ['three']}):
            with self.subTest(params):
                self.assertEqual(self.found(**params), ['three'])
        for params in ({'site': ['nowhere']}, {'device_id': [4711]}):
            with self.subTest(params):
                self.invalid(**params)
