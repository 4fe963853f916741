from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('netbox_netops', '0007_difference_deletion_rules'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='difference',
            options={
                'verbose_name': 'difference',
                'verbose_name_plural': 'differences',
                'ordering': ('-first_seen', 'pk'),
            },
        ),
        migrations.RemoveIndex(
            model_name='difference',
            name='netbox_neto_first_s_9122eb_idx',
        ),
        migrations.AddIndex(
            model_name='difference',
            index=models.Index(fields=['-first_seen', 'id'], name='netbox_neto_first_s_b8d522_idx'),
        ),
    ]
