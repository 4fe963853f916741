"""The deletion rules of what 0009 added, for the database to carry out; see 0002."""

from importlib import import_module

from django.db import migrations

_recreate = import_module('netbox_netops.migrations.0002_deletion_rules')._recreate

RULES = (
    ('netbox_netops_run', 'policy_id', 'netbox_netops_policy', 'SET NULL'),
    ('netbox_netops_policy', 'last_run_id', 'netbox_netops_run', 'SET NULL'),
    ('netbox_netops_runtarget', 'gateway_id', 'netbox_netops_gateway', 'SET NULL'),
)


def forwards(apps, schema_editor):
    _recreate(schema_editor, lambda rule: f'ON DELETE {rule}', RULES)


def backwards(apps, schema_editor):
    _recreate(schema_editor, lambda rule: '', RULES)


class Migration(migrations.Migration):
    dependencies = [
        ('netbox_netops', '0009_runs_at_scale'),
    ]

    operations = [
        migrations.RunPython(forwards, backwards),
    ]
