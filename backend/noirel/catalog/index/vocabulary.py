"""The vocabulary: the words of all visible products with their counts, for completions and spelling corrections.

A job counts them again when words or visibility have changed. A new word can be searched for immediately; completions and
corrections know it after the next run.
"""

from django.db import connection, transaction

from noirel.catalog.selectors import VISIBLE

# Takes a second or two for the half a million words of 100,000 products, so it is not done on every run.
_COUNT_WORDS = f"""
CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
SELECT t.word COLLATE "C" AS word, count(*)::int AS products
FROM catalog_productwords w JOIN catalog_product p ON p.id = w.product_id
CROSS JOIN LATERAL (SELECT DISTINCT word FROM unnest(string_to_array(w.said, ' ')) word) t
WHERE {VISIBLE} AND length(t.word) BETWEEN 2 AND 40 AND t.word !~ '[0-9]' GROUP BY 1
"""
_DELETE_UNUSED = "DELETE FROM catalog_word w WHERE NOT EXISTS (SELECT FROM counted c WHERE c.word = w.word)"
_UPSERT = """
INSERT INTO catalog_word AS w (word, products) SELECT word, products FROM counted
ON CONFLICT (word) DO UPDATE SET products = excluded.products WHERE w.products <> excluded.products
"""
_DIFFERS = """
SELECT EXISTS (SELECT FROM counted c FULL JOIN catalog_word w USING (word) WHERE c.products IS DISTINCT FROM w.products)
"""
_CHANGES = "SELECT count(*), max(at)::text, date_trunc('hour', now()) FROM catalog_change WHERE kind IN ('words', 'shown')"

_last_changes: object = None


def update_vocabulary() -> None:
    """Scheduled job: count the words again if anything changed since this process last did.

    One statement if nothing changed. Runs at least once an hour, because products are also published and unpublished by time.
    """
    global _last_changes
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CHANGES)
        if (changes := cursor.fetchone()) == _last_changes:
            return
        cursor.execute(_COUNT_WORDS)
        cursor.execute(_DIFFERS)
        if cursor.fetchone()[0]:
            cursor.execute(_DELETE_UNUSED)
            cursor.execute(_UPSERT)
        cursor.execute("DROP TABLE counted")
    _last_changes = changes
