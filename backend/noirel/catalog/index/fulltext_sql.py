"""SQL functions and triggers for search and lists: lexemes, tsqueries, and the record of recent changes. Used by migrations."""

from django.db.migrations import RunSQL

# The facts that a product's words are made of. Asked for when they are written, and again by the audit. Are they to be others:
# here, and by a migration more that runs this again and WRITE_ANEW.
SOURCE = RunSQL(
    """
    CREATE OR REPLACE FUNCTION catalog_words_source(p catalog_product) RETURNS uuid LANGUAGE sql STABLE AS $$
        SELECT md5(jsonb_build_array(p.name, p.subtitle, p.vendor, p.story, p.tags, p.attributes,
            (SELECT jsonb_agg(jsonb_build_array(v.sku, v.barcode, v.options, v.attributes) ORDER BY v.position, v.id)
                FROM catalog_variant v
                WHERE v.product_id = p.id AND v.archived_at IS NULL),
            (WITH RECURSIVE above AS (
                SELECT k.id, k.parent_id, k.name, 0 AS depth FROM catalog_category k WHERE k.id = p.category_id
                UNION SELECT k.id, k.parent_id, k.name, depth + 1 FROM catalog_category k JOIN above a ON a.parent_id = k.id
            ) SELECT jsonb_agg(name ORDER BY depth) FROM above))::text)::uuid
    $$;
    """,
    "DROP FUNCTION IF EXISTS catalog_words_source(catalog_product);",
)

# Rows without a language are rewritten by the next run of the job; until then they match as they are.
REBUILD = RunSQL("UPDATE catalog_productwords SET language = ''", RunSQL.noop)

# Each word as it is and as its stem; for the story, only the stems. `head` has the name (weight A) and the fields shown with it
# (weight B), with positions; it is read for every match. `lexemes` has everything, without positions, for the index.
LEXEMES = RunSQL(
    """
    CREATE FUNCTION catalog_head(language text, name text, beside text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
        SELECT setweight(to_tsvector('pg_catalog.simple', name) || to_tsvector(language::regconfig, name), 'A')
            || setweight(to_tsvector('pg_catalog.simple', beside) || to_tsvector(language::regconfig, beside), 'B')
    $$;
    CREATE FUNCTION catalog_lexemes(language text, said text, story text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
        SELECT array_to_tsvector(string_to_array(said, ' '))
            || strip(to_tsvector(language::regconfig, said) || to_tsvector(language::regconfig, story))
    $$;
    ALTER TABLE catalog_productwords ADD head tsvector NOT NULL, ADD lexemes tsvector NOT NULL;
    ALTER TABLE catalog_productwords ALTER lexemes SET STORAGE EXTERNAL;
    ALTER TABLE catalog_productwords SET (toast_tuple_target = 256);
    CREATE INDEX productwords_lexemes ON catalog_productwords USING gin (lexemes) WITH (fastupdate = off);
    CREATE INDEX productwords_name ON catalog_productwords (name COLLATE "C");
    """,
    """
    ALTER TABLE catalog_productwords DROP head, DROP lexemes;
    DROP FUNCTION catalog_head(text, text, text); DROP FUNCTION catalog_lexemes(text, text, text);
    """,
)

# Builds a tsquery. All groups must match; a group matches if one of its alternatives does; an alternative is a list of words
# that must all match. A word is [text, is_prefix]. Stop words of the language are ignored.
# weight: match only lexemes of this weight ('A'); '' matches all.
TSQUERY_FUNCTION = RunSQL(
    """
    CREATE FUNCTION catalog_asked(language text, groups jsonb, weight text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
        asked tsquery := '';
        meant tsquery;
        together tsquery;
        stem tsquery;
        one jsonb;
        other jsonb;
        word jsonb;
    BEGIN
        FOR one IN SELECT jsonb_array_elements(groups) LOOP
            meant := '';
            FOR other IN SELECT jsonb_array_elements(one) LOOP
                together := '';
                FOR word IN SELECT jsonb_array_elements(other) LOOP
                    SELECT coalesce(string_agg(quote_literal(lexeme) || ':' || weight, ' | '), '')::tsquery INTO stem
                        FROM unnest(tsvector_to_array(to_tsvector(language::regconfig, word->>0))) lexeme;
                    IF numnode(stem) > 0 THEN
                        together := together && (stem || (quote_literal(word->>0) || ':' || weight
                            || CASE WHEN (word->>1)::bool THEN '*' ELSE '' END)::tsquery);
                    END IF;
                END LOOP;
                meant := meant || together;
            END LOOP;
            asked := asked && meant;
        END LOOP;
        RETURN asked;
    END
    $$;
    """,
    "DROP FUNCTION catalog_asked(text, jsonb, text);",
)

_KINDS = "".join(
    f"CREATE TRIGGER told AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON catalog_{table}"
    f" FOR EACH STATEMENT EXECUTE FUNCTION catalog_kind_changed('{kind}');"
    for table, kind in (
        ("category", "frame"), ("attribute", "attributes"), ("collection", "frame"), ("redirect", "frame"),
        ("word", "words"), ("synonym", "synonyms"), ("boost", "boosts"),
    )
)  # fmt: skip

# What every process has to load again (loader.py): one row for each product or collection that changed, and one for data that
# is small enough to be loaded as a whole. Rows carry the id of the changing transaction, so that a process can read all changes
# that its snapshot did not include. Writers don't wait for each other. A job deletes old rows.
CHANGES = RunSQL(
    """
    CREATE TABLE catalog_change (
        at xid8 NOT NULL DEFAULT pg_current_xact_id(),
        kind text NOT NULL,
        id bigint,
        made timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX change_at ON catalog_change (at);
    CREATE INDEX change_made ON catalog_change (made);

    CREATE FUNCTION catalog_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO catalog_change (kind, id) SELECT 'product', id FROM rows_after;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO catalog_change (kind, id) SELECT 'product', id FROM rows_before;
        ELSIF TG_OP = 'TRUNCATE' THEN
            INSERT INTO catalog_change (kind) VALUES ('everything');
        ELSE
            INSERT INTO catalog_change (kind, id) SELECT 'product', n.id FROM rows_after n JOIN rows_before o ON o.id = n.id
            WHERE (n.status, n.is_listed, n.published_at, n.unpublish_at, n.category_id, n.min_price_amount, n.max_price_amount,
                    n.in_stock, n.is_best_seller, n.units_sold, n.currency, n.attributes)
                IS DISTINCT FROM (o.status, o.is_listed, o.published_at, o.unpublish_at, o.category_id, o.min_price_amount,
                    o.max_price_amount, o.in_stock, o.is_best_seller, o.units_sold, o.currency, o.attributes);
            -- Whose words are counted (vocabulary.py).
            INSERT INTO catalog_change (kind) SELECT 'shown' WHERE EXISTS (
                SELECT FROM rows_after n JOIN rows_before o ON o.id = n.id
                WHERE (n.status, n.is_listed, n.published_at, n.unpublish_at)
                    IS DISTINCT FROM (o.status, o.is_listed, o.published_at, o.unpublish_at));
        END IF;
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER told_insert AFTER INSERT ON catalog_product
        REFERENCING NEW TABLE AS rows_after FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_changed();
    CREATE TRIGGER told_update AFTER UPDATE ON catalog_product
        REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after
        FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_changed();
    CREATE TRIGGER told_delete AFTER DELETE ON catalog_product
        REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_changed();
    CREATE TRIGGER told_truncate AFTER TRUNCATE ON catalog_product
        FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_changed();

    CREATE FUNCTION catalog_items_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP IN ('INSERT', 'UPDATE') THEN
            INSERT INTO catalog_change (kind, id) SELECT DISTINCT 'collection', collection_id FROM rows_after;
        END IF;
        IF TG_OP IN ('DELETE', 'UPDATE') THEN
            INSERT INTO catalog_change (kind, id) SELECT DISTINCT 'collection', collection_id FROM rows_before;
        END IF;
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER told_insert AFTER INSERT ON catalog_collectionitem
        REFERENCING NEW TABLE AS rows_after FOR EACH STATEMENT EXECUTE FUNCTION catalog_items_changed();
    CREATE TRIGGER told_update AFTER UPDATE ON catalog_collectionitem
        REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after
        FOR EACH STATEMENT EXECUTE FUNCTION catalog_items_changed();
    CREATE TRIGGER told_delete AFTER DELETE ON catalog_collectionitem
        REFERENCING OLD TABLE AS rows_before FOR EACH STATEMENT EXECUTE FUNCTION catalog_items_changed();

    CREATE FUNCTION catalog_kind_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO catalog_change (kind) VALUES (TG_ARGV[0]);
        RETURN NULL;
    END
    $$;
    -- A statement that found nothing to write has changed nothing.
    CREATE FUNCTION catalog_words_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM rows_changed) THEN
            INSERT INTO catalog_change (kind) VALUES ('words');
        END IF;
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER told_insert AFTER INSERT ON catalog_productwords
        REFERENCING NEW TABLE AS rows_changed FOR EACH STATEMENT EXECUTE FUNCTION catalog_words_changed();
    CREATE TRIGGER told_update AFTER UPDATE ON catalog_productwords
        REFERENCING NEW TABLE AS rows_changed FOR EACH STATEMENT EXECUTE FUNCTION catalog_words_changed();
    CREATE TRIGGER told_delete AFTER DELETE ON catalog_productwords
        REFERENCING OLD TABLE AS rows_changed FOR EACH STATEMENT EXECUTE FUNCTION catalog_words_changed();
    """
    + _KINDS,
    """
    DROP TRIGGER told_insert ON catalog_product; DROP TRIGGER told_update ON catalog_product;
    DROP TRIGGER told_delete ON catalog_product; DROP TRIGGER told_truncate ON catalog_product;
    DROP TRIGGER told_insert ON catalog_collectionitem; DROP TRIGGER told_update ON catalog_collectionitem;
    DROP TRIGGER told_delete ON catalog_collectionitem;
    DROP FUNCTION catalog_product_changed(); DROP FUNCTION catalog_items_changed();
    DROP FUNCTION catalog_kind_changed() CASCADE; DROP FUNCTION catalog_words_changed() CASCADE;
    DROP TABLE catalog_change;
    """,
)  # fmt: skip

# Facets of a product include those of its variants (options and attributes of variants).
VARIANT_CHANGES = RunSQL(
    """
    CREATE FUNCTION catalog_variant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO catalog_change (kind, id)
            VALUES ('product', CASE WHEN TG_OP = 'DELETE' THEN OLD.product_id ELSE NEW.product_id END);
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER told_came AFTER INSERT OR DELETE ON catalog_variant
        FOR EACH ROW EXECUTE FUNCTION catalog_variant_changed();
    CREATE TRIGGER told_changed AFTER UPDATE OF options, attributes, archived_at ON catalog_variant
        FOR EACH ROW WHEN ((OLD.options, OLD.attributes, OLD.archived_at) IS DISTINCT FROM
            (NEW.options, NEW.attributes, NEW.archived_at)) EXECUTE FUNCTION catalog_variant_changed();
    """,
    """
    DROP TRIGGER told_came ON catalog_variant; DROP TRIGGER told_changed ON catalog_variant;
    DROP FUNCTION catalog_variant_changed();
    """,
)
