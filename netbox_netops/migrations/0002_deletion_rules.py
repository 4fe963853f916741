"""Let the database carry out the deletion rules of the foreign keys declared as DatabaseForeignKey.

Through Django each child row would be loaded and signalled one by one; a run of 10,000 targets took minutes to delete.
"""

from django.db import migrations

RULES = (
    # table, column, referenced table, rule
    ('netbox_netops_runtarget', 'run_id', 'netbox_netops_run', 'CASCADE'),
    ('netbox_netops_runtarget', 'target_id', 'netbox_netops_target', 'SET NULL'),
    ('netbox_netops_scanresult', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_scanresult', 'run_id', 'netbox_netops_run', 'SET NULL'),
    ('netbox_netops_scanresult', 'credential_id', 'netbox_netops_credential', 'SET NULL'),
    ('netbox_netops_interfacestate', 'target_id', 'netbox_netops_target', 'CASCADE'),
    ('netbox_netops_target', 'snmp_credential_id', 'netbox_netops_credential', 'SET NULL'),
    ('netbox_netops_target', 'latest_scan_id', 'netbox_netops_scanresult', 'SET NULL'),
)


def _recreate(schema_editor, rule_of, rules=RULES):
    for table, column, referenced, rule in rules:
        with schema_editor.connection.cursor() as cursor:
            constraints = schema_editor.connection.introspection.get_constraints(cursor, table)
        name = next(
            name for name, item in constraints.items() if item['foreign_key'] and item['columns'] == [column]
        )
        quote = schema_editor.quote_name
        schema_editor.execute(
            f'ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)}, '
            f'ADD CONSTRAINT {quote(name)} FOREIGN KEY ({quote(column)}) REFERENCES {quote(referenced)} (id) '
            f'{rule_of(rule)} DEFERRABLE INITIALLY DEFERRED'
        )


def forwards(apps, schema_editor):
    _recreate(schema_editor, lambda rule: f'ON DELETE {rule}')


def backwards(apps, schema_editor):
    _recreate(schema_editor, lambda rule: '')


class Migration(migrations.Migration):
    dependencies = [
        ('netbox_netops', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(forwards, backwards),
    ]
