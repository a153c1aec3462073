"""Which products meet a collection's rules: one function in the database, for those who keep, count and prove its items."""

from django.db.migrations import RunSQL

# A rule about days is about whole hours, so that who keeps the items and who proves them mean the same instant.
MATCHES_RULES = RunSQL(
    """
    -- Step by step: a recursive query for each of 100,000 products takes four times as long.
    CREATE OR REPLACE FUNCTION catalog_stands_in(category bigint, wanted text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    DECLARE
        roots bigint[] := ARRAY(SELECT id FROM catalog_category WHERE slug = wanted
            UNION ALL SELECT category_id FROM catalog_redirect WHERE kind = 'category' AND slug = wanted);
    BEGIN
        WHILE category IS NOT NULL LOOP
            IF category = ANY(roots) THEN
                RETURN true;
            END IF;
            category := (SELECT parent_id FROM catalog_category WHERE id = category);
        END LOOP;
        RETURN false;
    END
    $$;
    CREATE OR REPLACE FUNCTION catalog_meets(p catalog_product, rules jsonb, how text) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
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
                WHEN 'category' THEN catalog_stands_in(p.category_id, wanted)
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
    "DROP FUNCTION IF EXISTS catalog_meets(catalog_product, jsonb, text);"
    "DROP FUNCTION IF EXISTS catalog_stands_in(bigint, text);",
)
