"""What the clock does to the catalogue."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from noirel.catalog.services.collections import settle_all


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
