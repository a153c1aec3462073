"""The house's own ways of delivery, so that a new shop can sell at once. Staff change them afterwards."""

from django.db import migrations


def add(apps, schema_editor):
    method = apps.get_model("pricing", "ShippingMethod")
    india, abroad = ["IN"], ["AE", "AU", "CA", "DE", "FR", "GB", "JP", "SG", "US"]
    metros = ["110", "122", "201", "400", "560", "600", "700"]
    for row in (
        {"code": "standard", "name": "Standard", "description": "By courier, insured, signed for.", "price_amount": 250_00,
         "free_over_amount": 10_000_00, "min_days": 2, "max_days": 4, "cutoff_hour": 14, "countries": india, "position": 1},
        {"code": "evening", "name": "Evening, by hand", "description": "Between 18:00 and 21:00, by one of us.",
         "price_amount": 450_00, "min_days": 1, "max_days": 1, "cutoff_hour": 14, "countries": india,
         "postcode_prefixes": metros, "position": 2},
        {"code": "abroad", "name": "Abroad", "description": "By air courier, insured, duties paid.", "price_amount": 2_500_00,
         "min_days": 5, "max_days": 9, "cutoff_hour": 12, "countries": abroad, "position": 3},
    ):
        method.objects.get_or_create(code=row["code"], defaults={"currency": "INR", **row})


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop, elidable=True)]
