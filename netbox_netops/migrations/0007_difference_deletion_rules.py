"""The deletion rules of what 0006 added, for the database to carry out; see 0002."""

from importlib import import_module

from django.db import migrations

_recreate = import_module('netbox_netops.migrations.0002_deletion_rules')._recreate

RULES = (
    ('netbox_netops_difference', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_difference', 'interface_id', 'dcim_interface', 'CASCADE'),
    ('netbox_netops_difference', 'vm_interface_id', 'virtualization_vminterface', 'CASCADE'),
    ('netbox_netops_difference', 'ip_address_id', 'ipam_ipaddress', 'CASCADE'),
)


def forwards(apps, schema_editor):
    _recreate(schema_editor, lambda rule: f'ON DELETE {rule}', RULES)


def backwards(apps, schema_editor):
    _recreate(schema_editor, lambda rule: '', RULES)


class Migration(migrations.Migration):
    dependencies = [
        ('netbox_netops', '0006_differences'),
    ]

    operations = [
        migrations.RunPython(forwards, backwards),
    ]
