"""The words of what is on show, counted: what is half typed is completed by them, and what is mistyped is meant by one of them.

Counted by a job when words or what is on show have changed: a word that nobody has used before is found at once as it is
written, and by its beginnings and misspellings when the job has been there.
"""

from django.db import connection, transaction

from noirel.catalog.selectors import VISIBLE

# Half a million words of a hundred thousand products take PostgreSQL a second or two: not in a purchase's way, but not always.
_NOW = f"""
CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
SELECT t.word COLLATE "C" AS word, count(*)::int AS products
FROM catalog_productwords w JOIN catalog_product p ON p.id = w.product_id
CROSS JOIN LATERAL (SELECT DISTINCT word FROM unnest(string_to_array(w.said, ' ')) word) t
WHERE {VISIBLE} AND length(t.word) BETWEEN 2 AND 40 AND t.word !~ '[0-9]' GROUP BY 1
"""
_GONE = "DELETE FROM catalog_word w WHERE NOT EXISTS (SELECT FROM counted c WHERE c.word = w.word)"
_COME = """
INSERT INTO catalog_word AS w (word, products) SELECT word, products FROM counted
ON CONFLICT (word) DO UPDATE SET products = excluded.products WHERE w.products <> excluded.products
"""
_DIFFERS = """
SELECT EXISTS (SELECT FROM counted c FULL JOIN catalog_word w USING (word) WHERE c.products IS DISTINCT FROM w.products)
"""
_CHANGES = "SELECT count(*), max(at)::text, date_trunc('hour', now()) FROM catalog_change WHERE kind IN ('words', 'shown')"

_counted: object = None


def update_vocabulary() -> None:
    """One statement when nothing has changed since this process has counted; every hour anyway, for what the clock shows."""
    global _counted
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CHANGES)
        if (changes := cursor.fetchone()) == _counted:
            return
        cursor.execute(_NOW)
        cursor.execute(_DIFFERS)
        if cursor.fetchone()[0]:
            cursor.execute(_GONE)
            cursor.execute(_COME)
        cursor.execute("DROP TABLE counted")
    _counted = changes
