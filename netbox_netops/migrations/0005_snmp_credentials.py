from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('netbox_netops', '0004_fact_deletion_rules'),
    ]

    operations = [
        migrations.AlterField(
            model_name='credential',
            name='reference',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='credential',
            name='username',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='credential',
            name='auth_protocol',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='credential',
            name='privacy_protocol',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='credential',
            name='privacy_reference',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='credential',
            name='context_name',
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
