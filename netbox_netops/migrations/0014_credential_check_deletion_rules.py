"""The deletion rules of what 0013 added, for the database to carry out; see 0002."""

from importlib import import_module

from django.db import migrations

_recreate = import_module('netbox_netops.migrations.0002_deletion_rules')._recreate

RULES = (
    ('netbox_netops_credentialstatus', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_credentialstatus', 'credential_id', 'netbox_netops_credential', 'CASCADE'),
    ('netbox_netops_credentialstatus', 'run_id', 'netbox_netops_run', 'SET NULL'),
    ('netbox_netops_credentialchange', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_credentialchange', 'credential_id', 'netbox_netops_credential', 'CASCADE'),
    ('netbox_netops_credentialchange', 'run_id', 'netbox_netops_run', 'SET NULL'),
    ('netbox_netops_hostkey', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_secretaccess', 'credential_id', 'netbox_netops_credential', 'SET NULL'),
    ('netbox_netops_secretaccess', 'target_id', 'netbox_netops_target', 'SET NULL'),
    ('netbox_netops_secretaccess', 'run_id', 'netbox_netops_run', 'SET NULL'),
)


def forwards(apps, schema_editor):
    _recreate(schema_editor, lambda rule: f'ON DELETE {rule}', RULES)


def backwards(apps, schema_editor):
    _recreate(schema_editor, lambda rule: '', RULES)


class Migration(migrations.Migration):
    dependencies = [
        ('netbox_netops', '0013_credential_checks'),
    ]

    operations = [
        migrations.RunPython(forwards, backwards),
    ]
