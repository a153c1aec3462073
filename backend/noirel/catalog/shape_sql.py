"""What the database keeps true of the catalogue's shape, whoever writes: triggers, as steps of a migration."""

from django.db.migrations import RunSQL

# One mover at a time: two moves that each look harmless can make a ring together. The lock ends with the transaction; what is
# read after it is read in a snapshot of its own.
NO_CYCLES = RunSQL(
    """
    CREATE FUNCTION catalog_no_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('catalog_category.parent_id'));
        IF EXISTS (
            WITH RECURSIVE above AS (
                SELECT NEW.parent_id AS id
                UNION SELECT c.parent_id FROM catalog_category c JOIN above ON c.id = above.id WHERE c.parent_id IS NOT NULL
            ) SELECT FROM above WHERE id = NEW.id
        ) THEN
            RAISE EXCEPTION 'A category cannot stand below itself'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'category_no_cycle', TABLE = 'catalog_category';
        END IF;
        RETURN NEW;
    END
    $$;
    CREATE TRIGGER no_cycle BEFORE INSERT OR UPDATE OF parent_id ON catalog_category
        FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION catalog_no_cycle();
    """,
    "DROP TRIGGER no_cycle ON catalog_category; DROP FUNCTION catalog_no_cycle();",
)


def redirects(kind: str) -> RunSQL:
    """A step: who moves leaves a redirect, and where somebody lives there is none."""
    table, function = f"catalog_{kind}", f"catalog_{kind}_redirect"
    return RunSQL(  # names of our own tables
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM catalog_redirect WHERE kind = '{kind}' AND slug = NEW.slug;
            IF TG_OP = 'UPDATE' THEN
                INSERT INTO catalog_redirect (kind, slug, {kind}_id) VALUES ('{kind}', OLD.slug, NEW.id)
                    ON CONFLICT (kind, slug) DO UPDATE SET {kind}_id = NEW.id, created_at = now();
            END IF;
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER lives_here AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
        CREATE TRIGGER moved AFTER UPDATE OF slug ON {table}
            FOR EACH ROW WHEN (OLD.slug <> NEW.slug) EXECUTE FUNCTION {function}();
        """,  # noqa: S608
        f"DROP TRIGGER lives_here ON {table}; DROP TRIGGER moved ON {table}; DROP FUNCTION {function}();",
    )
