"""Which products meet a collection's rules: one function in the database, for those who keep, count and prove its items."""

from django.db.migrations import RunSQL

# A rule about days is about whole hours, so that who keeps the items and who proves them mean the same instant.
MEETS = RunSQL(
    """
    CREATE FUNCTION catalog_meets(p catalog_product, rules jsonb, how text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    DECLARE
        rule jsonb;
        wanted text;
        met boolean;
    BEGIN
        IF p.status = 'archived' OR NOT p.is_listed THEN
            RETURN false;
        END IF;
        FOR rule IN SELECT jsonb_array_elements(rules) LOOP
            wanted := rule->>'value';
            met := CASE rule->>'field'
                WHEN 'tag' THEN p.tags ? wanted
                WHEN 'vendor' THEN p.vendor = wanted
                WHEN 'category' THEN EXISTS (
                    WITH RECURSIVE above AS (
                        SELECT id, parent_id FROM catalog_category WHERE id = p.category_id
                        UNION SELECT c.id, c.parent_id FROM catalog_category c JOIN above ON c.id = above.parent_id
                    ) SELECT FROM above WHERE id IN (
                        SELECT id FROM catalog_category WHERE slug = wanted
                        UNION ALL SELECT category_id FROM catalog_redirect WHERE kind = 'category' AND slug = wanted
                    ))
                WHEN 'attribute' THEN p.attributes->(rule->>'name') @> (rule->'value')
                WHEN 'price' THEN CASE rule->>'is'
                    WHEN 'at_least' THEN p.min_price_amount >= wanted::bigint ELSE p.min_price_amount <= wanted::bigint END
                WHEN 'in_stock' THEN p.in_stock = wanted::boolean
                WHEN 'published' THEN p.published_at >= date_trunc('hour', now()) - make_interval(days => wanted::int)
            END;
            IF rule->>'is' = 'is_not' THEN
                met := met IS NOT TRUE;
            END IF;
            IF how = 'any' AND met THEN
                RETURN true;
            ELSIF how = 'all' AND met IS NOT TRUE THEN
                RETURN false;
            END IF;
        END LOOP;
        RETURN how = 'all' AND jsonb_array_length(rules) > 0;
    END
    $$;
    """,
    "DROP FUNCTION catalog_meets(catalog_product, jsonb, text);",
)
