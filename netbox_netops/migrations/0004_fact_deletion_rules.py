"""The deletion rules of what 0003 added, for the database to carry out; see 0002."""

from importlib import import_module

from django.db import migrations

_recreate = import_module('netbox_netops.migrations.0002_deletion_rules')._recreate

RULES = (
    ('netbox_netops_addressstate', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_bgppeerstate', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_familystate', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_inventorystate', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_neighbourstate', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_systemstate', 'target_id', 'netbox_netops_target', 'CASCADE'),
    # Django made this constraint anew when the index of its column went.
    ('netbox_netops_interfacestate', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_interfacestate', 'interface_id', 'dcim_interface', 'SET NULL'),
    ('netbox_netops_interfacestate', 'vm_interface_id', 'virtualization_vminterface', 'SET NULL'),
)


def forwards(apps, schema_editor):
    _recreate(schema_editor, lambda rule: f'ON DELETE {rule}', RULES)


def backwards(apps, schema_editor):
    _recreate(schema_editor, lambda rule: '', RULES)


class Migration(migrations.Migration):
    dependencies = [
        ('netbox_netops', '0003_device_facts'),
    ]

    operations = [
        migrations.RunPython(forwards, backwards),
    ]
