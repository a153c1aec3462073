import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0015_committed'),
        ('inventory', '0003_terms'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='stockitem',
            name='stock_not_oversold',
        ),
        migrations.AddField(
            model_name='reservation',
            name='committed',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='reservation',
            name='released',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='stockitem',
            name='committed',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='stockmovement',
            name='shipment',
            field=models.UUIDField(blank=True, help_text='The parcel it left in.', null=True),
        ),
        # PostgreSQL can't change the expression of a generated column. Dropped and added in one statement, no reader ever misses
        # it; the table is rewritten under a lock, which takes less than a second for 100,000 variants.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE inventory_stockitem DROP COLUMN available,"
                    " ADD COLUMN available integer GENERATED ALWAYS AS (on_hand - reserved - committed) STORED",
                    "ALTER TABLE inventory_stockitem DROP COLUMN available,"
                    " ADD COLUMN available integer GENERATED ALWAYS AS (on_hand - reserved) STORED",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='stockitem',
                    name='available',
                    field=models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('on_hand'), '-', models.F('reserved')), '-', models.F('committed')), output_field=models.IntegerField()),
                ),
            ],
        ),
        migrations.AlterField(
            model_name='stockmovement',
            name='reason',
            field=models.CharField(choices=[('received', 'Received'), ('sold', 'Sold'), ('shipped', 'Shipped'), ('returned', 'Returned'), ('damaged', 'Damaged'), ('counted', 'Counted'), ('gift', 'Gift'), ('correction', 'Correction')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(condition=models.Q(('committed__gt', 0)), fields=['item'], name='reservation_committed'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.CheckConstraint(condition=models.Q(('committed__gte', 0), ('released__gte', 0), ('units__gte', django.db.models.expressions.CombinedExpression(models.F('committed'), '+', models.F('released'))), models.Q(('state', 'sold'), models.Q(('committed', 0), ('released', 0)), _connector='OR')), name='reservation_committed_once'),
        ),
        migrations.AddConstraint(
            model_name='stockitem',
            constraint=models.CheckConstraint(condition=models.Q(('committed__gte', 0)), name='stock_committed_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='stockitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('policy', 'deny'), _negated=True), ('on_hand__gte', django.db.models.expressions.CombinedExpression(models.F('reserved'), '+', models.F('committed'))), _connector='OR'), name='stock_not_oversold'),
        ),
        migrations.AddConstraint(
            model_name='stockmovement',
            constraint=models.UniqueConstraint(fields=('shipment', 'item'), name='movement_shipped_once'),
        ),
    ]
