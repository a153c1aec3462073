from django.db import migrations

# What services.present writes from now on (catalog.purchasable): a variant priced 0 is not sold on its own, so it neither makes a
# product in stock, on sale or low in stock nor belongs to its price range. 3 is LOW_STOCK. Repeating it changes nothing.
WRITE = """
UPDATE catalog_product p SET in_stock = t.in_stock, is_low_stock = t.is_low_stock, is_on_sale = t.is_on_sale,
    min_price_amount = t.low, max_price_amount = t.high, updated_at = now(),
    card = (p.card::jsonb || t.prices)::text, page = (p.page::jsonb || t.prices)::text
FROM (
    SELECT s.*, jsonb_build_object(
        'price_range', jsonb_build_object(
            'min', jsonb_build_object('amount', s.low, 'currency', s.currency),
            'max', jsonb_build_object('amount', s.high, 'currency', s.currency)),
        'compare_at', CASE WHEN s.compare_at IS NOT NULL
            THEN jsonb_build_object('amount', s.compare_at, 'currency', s.currency) END) AS prices
    FROM (
        SELECT v.product_id,
            coalesce(bool_or(v.in_stock AND v.price_amount > 0), false) AS in_stock,
            coalesce(bool_and(v.policy = 'deny' AND v.available IS NOT NULL AND v.available <= 3)
                FILTER (WHERE v.in_stock AND v.price_amount > 0), false) AS is_low_stock,
            coalesce(bool_or(v.compare_at_amount > v.price_amount AND v.price_amount > 0), false) AS is_on_sale,
            coalesce(min(v.price_amount) FILTER (WHERE v.price_amount > 0), 0) AS low,
            max(v.price_amount) AS high,
            (array_agg(v.compare_at_amount ORDER BY v.price_amount, v.position, v.id)
                FILTER (WHERE v.price_amount > 0))[1] AS compare_at,
            (array_agg(v.currency ORDER BY v.position, v.id))[1] AS currency
        FROM catalog_variant v WHERE v.archived_at IS NULL
        GROUP BY v.product_id HAVING min(v.price_amount) = 0
    ) s
) t
WHERE p.id = t.product_id AND (p.in_stock, p.is_low_stock, p.is_on_sale, p.min_price_amount, p.max_price_amount)
    IS DISTINCT FROM (t.in_stock, t.is_low_stock, t.is_on_sale, t.low, t.high)
"""
# Collections by rule: rules may ask for the price and for what is in stock.
_FREE = "SELECT product_id FROM catalog_variant WHERE archived_at IS NULL AND price_amount = 0"
REMOVE = f"""
DELETE FROM catalog_collectionitem i USING catalog_collection k, catalog_product p
WHERE k.id = i.collection_id AND k.rules IS NOT NULL AND p.id = i.product_id AND p.id IN ({_FREE})
    AND NOT catalog_meets(p, k.rules, k.match)
"""  # noqa: S608
ADD = f"""
INSERT INTO catalog_collectionitem (collection_id, product_id, position)
SELECT k.id, p.id, 2147483647 - least(coalesce(extract(epoch FROM p.published_at), 0), 2147483647)::bigint
FROM catalog_collection k JOIN catalog_product p ON catalog_meets(p, k.rules, k.match)
WHERE k.rules IS NOT NULL AND p.id IN ({_FREE})
ON CONFLICT (collection_id, product_id) DO NOTHING
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("catalog", "0016_active_has_a_start")]

    operations = [migrations.RunSQL([WRITE, REMOVE, ADD], migrations.RunSQL.noop)]
