from django.db import migrations

from noirel.core.cache.invalidation import track_changes


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_found_by_variants"), ("core", "0006_touched")]

    # Stock is no edition: a page is asked for anew when a variant of its product has changed.
    operations = [track_changes("catalog_variant", "product_id")]
