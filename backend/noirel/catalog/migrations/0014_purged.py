from django.db import migrations

# What changes on a product's page, or ends it, leaves the name that the page was told under. Not what only counts: units sold,
# and stock that neither ends nor comes back, follow within `s-maxage`.
LEAVE = """
CREATE FUNCTION catalog_page_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO core_purge (name) VALUES ('product:' || OLD.slug);
    RETURN NULL;
END
$$;
CREATE TRIGGER purged_update AFTER UPDATE ON catalog_product
    FOR EACH ROW WHEN ((OLD.units_sold <> NEW.units_sold) IS NOT TRUE) EXECUTE FUNCTION catalog_page_changed();
CREATE TRIGGER purged_delete AFTER DELETE ON catalog_product FOR EACH ROW EXECUTE FUNCTION catalog_page_changed();

CREATE FUNCTION catalog_page_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO core_purge (name) SELECT 'product:' || slug FROM catalog_product
        WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.product_id ELSE OLD.product_id END;
    RETURN NULL;
END
$$;
CREATE TRIGGER purged_came AFTER INSERT OR DELETE ON catalog_variant FOR EACH ROW EXECUTE FUNCTION catalog_page_of_changed();
CREATE TRIGGER purged_update AFTER UPDATE ON catalog_variant FOR EACH ROW WHEN (
    (OLD.sku, OLD.title, OLD.options, OLD.price_amount, OLD.compare_at_amount, OLD.currency, OLD.weight_grams, OLD.barcode,
        OLD.position, OLD.in_stock, OLD.policy, OLD.picture_id, OLD.drop, OLD.expected_on, OLD.archived_at, OLD.attributes)
    IS DISTINCT FROM
    (NEW.sku, NEW.title, NEW.options, NEW.price_amount, NEW.compare_at_amount, NEW.currency, NEW.weight_grams, NEW.barcode,
        NEW.position, NEW.in_stock, NEW.policy, NEW.picture_id, NEW.drop, NEW.expected_on, NEW.archived_at, NEW.attributes)
) EXECUTE FUNCTION catalog_page_of_changed();
"""
LEAVE_NOTHING = """
DROP TRIGGER purged_update ON catalog_product; DROP TRIGGER purged_delete ON catalog_product;
DROP TRIGGER purged_came ON catalog_variant; DROP TRIGGER purged_update ON catalog_variant;
DROP FUNCTION catalog_page_changed(); DROP FUNCTION catalog_page_of_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_stands_in"), ("core", "0008_purge")]
    operations = [migrations.RunSQL(LEAVE, LEAVE_NOTHING)]
