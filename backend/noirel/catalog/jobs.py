"""What the clock does to the catalogue."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from noirel.catalog.search.vocabulary import count_words
from noirel.catalog.services.collections import settle_all
from noirel.catalog.services.present import present_many
from noirel.core.jobs import stopping

_AT_ONCE = 200
_WORDLESS = """
SELECT p.id FROM catalog_product p LEFT JOIN catalog_productwords w ON w.product_id = p.id
WHERE w.language IS DISTINCT FROM %s ORDER BY p.id LIMIT %s FOR NO KEY UPDATE OF p SKIP LOCKED
"""


def find_words() -> None:
    """What has no words yet (after an upgrade), or those of another language, is given them; then the words are counted."""
    while not stopping.is_set():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_WORDLESS, [settings.SEARCH_LANGUAGE, _AT_ONCE])
                wordless = [product for (product,) in cursor.fetchall()]
            present_many(wordless)
        if len(wordless) < _AT_ONCE:
            break
    count_words()


def forget_changes() -> None:
    """What every process has read long ago (search/snapshots.py): what could be seen an hour ago.

    When a change was made says nothing of that: a transaction that was open for two hours is seen by nobody before it ends. So
    each run leaves the horizon of its own snapshot, for the run in an hour. What is a day old goes anyway: after a restored
    backup transactions have other numbers.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_change (kind, id) SELECT 'horizon', pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        cursor.execute(
            "DELETE FROM catalog_change WHERE made < now() - interval '1 day' OR at < (SELECT max(id)::text::xid8"
            " FROM catalog_change WHERE kind = 'horizon' AND made < now() - interval '1 hour'"
            " AND id <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
        )


def follow_time() -> None:
    """Rules about days: what was published long enough ago leaves its collections."""
    settle_all(field="published")


def choose_best_sellers() -> None:
    """The products with the most units sold over the window, by what was paid for (ties: the newer).

    While fewer than that have sold at all, what staff have marked stands.
    """
    since = (timezone.now() - timedelta(days=settings.BEST_SELLER_DAYS)).date()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH best AS MATERIALIZED (
                SELECT s.product_id FROM catalog_soldunits s JOIN catalog_product p ON p.id = s.product_id
                WHERE s.day >= %(since)s AND p.status = 'active' AND p.is_listed
                GROUP BY s.product_id ORDER BY sum(s.units) DESC, s.product_id DESC LIMIT %(most)s
            )
            UPDATE catalog_product p SET is_best_seller = NOT p.is_best_seller, updated_at = now()
            WHERE p.is_best_seller <> (p.id IN (SELECT product_id FROM best)) AND (SELECT count(*) FROM best) = %(most)s
            """,
            {"since": since, "most": settings.BEST_SELLERS},
        )
