"""One rule for the filters of lists: absent doesn't filter; present has a value of its type, and an empty one is refused."""

import pytest

from tests.client import Client

pytestmark = pytest.mark.django_db
TYPED = {
    "admin/desk": ["kind"],
    "admin/drops": ["status"],
    "admin/outbox-events": ["state"],
    "admin/webhook-events": ["state"],
    "admin/ledger/entries": ["account", "currency", "from", "to"],
    "admin/ledger/entries.csv": ["account", "currency", "from", "to"],
    "admin/analytics/summary": ["from", "to"],
    "admin/orders": [
        "status", "payment_status", "fulfilment_status", "view", "sort", "activity", "placed_after", "placed_before",
    ],
    "admin/products": ["status", "in_stock", "sample", "category", "collection"],
    "admin/redirects": ["kind"],
    "admin/inventory": ["low", "sample"],
    "admin/reconciliation/settlements": ["unmatched"],
}  # fmt: skip


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in TYPED.items() for name in names])
@pytest.mark.parametrize("value", ["", "nonsense"])
def test_a_filter_that_is_empty_or_unknown_is_refused_and_named(staff: Client, path: str, name: str, value: str) -> None:
    refused = staff.get(f"{path}?{name}={value}")
    assert (refused.status_code, [error["field"] for error in refused.json()["errors"]]) == (400, [name])


@pytest.mark.parametrize("path", list(TYPED))
def test_without_filters_and_with_empty_free_text_a_list_is_whole(staff: Client, path: str) -> None:
    assert staff.get(path).status_code == 200
    assert staff.get(f"{path}?q=").status_code == 200


def test_several_choices_may_be_given_in_either_form(staff: Client) -> None:
    assert staff.get("admin/orders?status=paid&status=cancelled").status_code == 200
    assert staff.get("admin/orders?status=paid,cancelled").status_code == 200
    assert staff.get("admin/orders?status=paid,").status_code == 400
