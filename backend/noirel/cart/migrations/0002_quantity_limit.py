"""One line holds at most 99 units. Lines that grew beyond it, by several requests, are cut back to it first."""

from django.db import migrations, models


def cut_back(apps, schema_editor):
    apps.get_model("cart", "CartLine").objects.filter(quantity__gt=99).update(quantity=99)


class Migration(migrations.Migration):
    dependencies = [("cart", "0001_initial")]

    operations = [
        migrations.RunPython(cut_back, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="cartline",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__lte", 99)), name="cart_line_quantity_at_most_99"),
        ),
    ]
