"""What the tests of policies share: a user with few rights, devices of two sites, and letting the clock go on."""

from datetime import timedelta

from core.models import ObjectType
from dcim.models import Device
from django.contrib.auth import get_user_model
from django.test import TestCase
from django.utils import timezone
from users.models import ObjectPermission

from netbox_netops.models import Policy, Run, RunTarget
from netbox_netops.policies import fire_due
from tests.integration import rules
from tests.integration.factories import make_device, make_machine, make_site

__all__ = (
    'PolicyCase',
    'User',
    'grant',
    'make_due',
    'make_policy',
    'names',
)

User = get_user_model()


def grant(user, action, model, **constraints):
    permission = ObjectPermission.objects.create(
        name=f'{action} {ObjectPermission.objects.count()}', actions=[action], constraints=constraints or None
    )
    permission.users.add(user)
    permission.object_types.add(ObjectType.objects.get_for_model(model))
    return permission


def make_policy(**values):
    """Nightly, on devices only."""
    return rules.make_policy(**{'machine_filter': None, 'cron': '0 3 * * *'} | values)


def make_due(policy, **ago):
    """Have the policy be due since then; as the clock does it, which saves nothing."""
    moment = timezone.now() - timedelta(**ago or {'seconds': 1})
    Policy.objects.filter(pk=policy.pk).update(next_run=moment)
    return moment


def names(run):
    return sorted(RunTarget.objects.filter(run=run).values_list('name', flat=True))


class PolicyCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.device_a, cls.device_b = make_device('a', site=cls.site_a), make_device('b', site=cls.site_b)
        cls.machine = make_machine('vm', site=cls.site_a)
        cls.user = User.objects.create(username='operator')
        cls.permission = grant(cls.user, 'netops_scan', Device)

    def make(self, **values):
        values.setdefault('run_as', self.user)
        values.setdefault('device_filter', {'site': ['a', 'b']})
        return make_policy(**values)

    def fired(self, policy):
        """Let the policy be due and fire; returns it as it is afterwards."""
        make_due(policy)
        fire_due()
        policy.refresh_from_db()
        self.assertTrue(policy.next_run is None or policy.next_run > timezone.now())
        return policy

    def finish(self):
        RunTarget.objects.update(state='succeeded')
        Run.objects.update(status='succeeded')
