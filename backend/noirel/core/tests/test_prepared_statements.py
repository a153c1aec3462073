"""Prepared statements survive a rollback."""

import pytest
from django.db import connection, transaction

from noirel.core.db import prepared


@pytest.mark.django_db(transaction=True)
def test_a_rollback_keeps_prepared_statements() -> None:
    connection.close()  # start a new session, in which nothing is prepared

    def count_prepared() -> int:
        return int(
            prepared.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%a_rollback_leaves%%'")[0][0]
        )

    prepared.execute("SELECT 'a_rollback_leaves', %s::text", "one")
    before = count_prepared()
    for _ in range(2):
        with transaction.atomic():
            prepared.execute("SELECT 'a_rollback_leaves', %s::int", 1)
            with transaction.atomic():
                prepared.execute("SELECT 'a_rollback_leaves_too'")
                transaction.set_rollback(True)
            transaction.set_rollback(True)
    assert count_prepared() == before + 2
    assert prepared.execute("SELECT 'a_rollback_leaves', %s::text", "two") == [("a_rollback_leaves", "two")]
