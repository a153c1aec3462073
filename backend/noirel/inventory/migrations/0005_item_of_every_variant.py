"""Every variant has a stock item from the moment it is created, whatever creates it: a trigger on catalog_variant inserts it.

While the previous release still runs beside this one, its product imports refuse new variants as duplicates, because they insert
the stock items themselves; such a file can be imported again.
"""

from django.db import migrations

# The terms are those that the catalogue shows for the variant; what is on hand comes from movements only.
COLUMNS = "(variant_id, on_hand, reserved, committed, is_tracked, policy, expected_on, updated_at)"
VALUES = "id, 0, 0, 0, available IS NOT NULL, policy, expected_on, now()"
TRIGGER = f"""
CREATE FUNCTION inventory_create_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inventory_stockitem {COLUMNS} SELECT {VALUES} FROM created ORDER BY id;
    RETURN NULL;
END
$$;
CREATE TRIGGER inventory_item AFTER INSERT ON catalog_variant REFERENCING NEW TABLE AS created
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_create_item();
"""
# After the trigger, so that no variant is created in between. Repeating it changes nothing.
BACKFILL = f"""
INSERT INTO inventory_stockitem {COLUMNS}
SELECT {VALUES} FROM catalog_variant v
WHERE NOT EXISTS (SELECT 1 FROM inventory_stockitem s WHERE s.variant_id = v.id) ORDER BY v.id
ON CONFLICT (variant_id) DO NOTHING;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0018_variant_title"),
        ("inventory", "0004_committed"),
    ]

    operations = [
        migrations.RunSQL(TRIGGER, "DROP TRIGGER inventory_item ON catalog_variant; DROP FUNCTION inventory_create_item();"),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
    ]
