from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0012_stock_leaves_at_dispatch'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='link_version',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='Tokens of links to the order are of one version: raising it revokes those before.'),
        ),
    ]
