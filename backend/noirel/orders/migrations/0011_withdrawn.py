from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0010_disputed_orders'),
    ]

    operations = [
        migrations.AddField(
            model_name='shipmentline',
            name='withdrawn_quantity',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='shipment',
            name='key',
            field=models.CharField(blank=True, db_default='', default='', help_text='Names the request that packed it, if it had a key.', max_length=40),
        ),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('order', 'key'), name='shipment_packed_once'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(condition=models.Q(('delivered_at', None)), fields=['order'], name='shipment_under_way'),
        ),
        migrations.AddConstraint(
            model_name='shipmentline',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_quantity__lte', models.F('quantity'))), name='shipment_line_withdrawn_within'),
        ),
    ]
