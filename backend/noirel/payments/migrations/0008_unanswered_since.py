from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0007_disputed_strays'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='unanswered_since',
            field=models.DateTimeField(blank=True, help_text='Since when the gateway has not answered our question about it; none: it has.', null=True),
        ),
    ]
