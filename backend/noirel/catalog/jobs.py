"""What the clock does to the catalogue."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from noirel.catalog.index.vocabulary import update_vocabulary
from noirel.catalog.services.collections import update_all_memberships
from noirel.catalog.services.projection import refresh_projections
from noirel.core.jobs import stopping

_AT_ONCE = 200
_WORDLESS = """
SELECT p.id FROM catalog_product p LEFT JOIN catalog_productwords w ON w.product_id = p.id
WHERE w.language IS DISTINCT FROM %s ORDER BY p.id LIMIT %s FOR NO KEY UPDATE OF p SKIP LOCKED
"""


def update_search_words() -> None:
    """What has no words yet (after an upgrade), or those of another language, is given them; then the words are counted."""
    while not stopping.is_set():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_WORDLESS, [settings.SEARCH_LANGUAGE, _AT_ONCE])
                wordless = [product for (product,) in cursor.fetchall()]
            refresh_projections(wordless)
        if len(wordless) < _AT_ONCE:
            break
    update_vocabulary()


def delete_old_changes() -> None:
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


def update_dated_rules() -> None:
    """Rules about days: what was published long enough ago leaves its collections."""
    update_all_memberships(field="published")


def update_best_sellers() -> None:
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
