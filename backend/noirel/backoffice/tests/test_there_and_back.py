"""Whatever catalogue a shop has: exported, brought into an empty shop and exported again, the file is the same."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from noirel.backoffice.imports.cells import code_marked, code_unmarked, marked, unmarked
from noirel.backoffice.tests.products_csv import bring_in, findings, take_out
from noirel.catalog.models import Attribute, Category, Product, ProductPicture, Variant
from noirel.catalog.services.products import sanitise
from noirel.content.models import MediaAsset
from noirel.core.slugs import slugify
from noirel.inventory.models import StockItem

pytestmark = pytest.mark.django_db
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
awkward = st.sampled_from(
    [
        "=1+1", "+49", "-x", "@you", "'quoted'", "'=1", '"', ",", ";", "a\nb", "a\r\nb", "true", "12", "[1]", "{", "x; y",
        "Ünïcödé 🌙", "1.5", "Default Title", "a > b",
    ]
)  # fmt: skip


def texts(longest: int, *, least: int = 0) -> st.SearchStrategy[str]:
    plain = st.one_of(st.text(characters, max_size=12), awkward)
    return plain.map(lambda text: text[:longest].strip()).filter(lambda text: len(text) >= least)


names = texts(60, least=1)
labels = names.map(lambda text: " ".join(text.split())).filter(bool)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": names,
    "number": st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6, allow_nan=False)),
    "list": st.lists(names, min_size=1, max_size=3),
    "colour": st.just("#1b1b2f"),
    "json": st.dictionaries(
        st.text("abc", min_size=1, max_size=2), st.one_of(st.integers(0, 9), names, st.lists(names, max_size=2))
    ),
}


def distinct(strategy: st.SearchStrategy[Any], least: int, most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, min_size=least, max_size=most, unique_by=str.casefold)


@st.composite
def catalogues(draw: st.DrawFn) -> list[dict[str, Any]]:
    kinds = draw(
        st.dictionaries(
            st.from_regex(r"[a-z]{1,6}", fullmatch=True), st.tuples(labels, st.sampled_from(sorted(VALUES))), max_size=3
        )
    )
    skus = iter(
        draw(st.lists(texts(40, least=1).filter(lambda sku: sku.strip("'") != ""), min_size=24, max_size=24, unique=True))
    )
    drawn = []
    for slug in draw(distinct(names.map(slugify).filter(bool), 1, 3)):
        count = draw(st.integers(0, 4))
        values = st.tuples(*[names] * count)
        rows = (
            draw(st.lists(values, min_size=1, max_size=3, unique_by=lambda row: tuple(map(str.casefold, row))))
            if count
            else [()]
        )
        drawn.append(
            {
                "slug": slug,
                "fields": {
                    "name": draw(names),
                    "subtitle": draw(texts(60)),
                    "story": sanitise(draw(st.one_of(texts(60), names.map(lambda text: f"<p>{text}</p>\n<b>and more</b>")))),
                    "vendor": draw(texts(60)),
                    "status": draw(st.sampled_from(["active", "draft", "archived"])),
                    "is_listed": draw(st.booleans()),
                    "tags": draw(st.lists(texts(20), max_size=3)),
                    "seo_title": draw(texts(60)),
                    "seo_description": draw(texts(60)),
                    "attributes": {name: draw(VALUES[kind]) for name, (_, kind) in kinds.items() if draw(st.booleans())},
                },
                "kinds": kinds,
                "category": draw(st.lists(names.filter(lambda name: name.casefold() != "uncategorized"), max_size=3)),
                "options": draw(distinct(labels, count, count)),
                "variants": [
                    {
                        "values": row,
                        "sku": next(skus),
                        "price_amount": draw(st.integers(0, 10**9)),
                        "tax_rate_bps": draw(st.sampled_from([0, 500, 1800])),
                        "weight_grams": draw(st.none() | st.integers(0, 10**6)),
                        "barcode": draw(st.sampled_from(["", "0012345678905", "'0012345", "=1"])),
                        "stock": draw(st.tuples(st.booleans(), st.integers(0, 99), st.sampled_from(["deny", "backorder"]))),
                    }
                    for row in rows
                ],
                "pictures": draw(distinct(st.from_regex(r"https://cdn\.example/[a-c]{1,2}\.jpg", fullmatch=True), 0, 4)),
                "alt": draw(texts(60)),
            }
        )
    return drawn


def stock_the_shop(catalogue: Sequence[dict[str, Any]]) -> None:
    for told in catalogue:
        for name, (label, kind) in told["kinds"].items():
            Attribute.objects.get_or_create(name=name, defaults={"label": label, "type": kind})
        parent = None
        for at, name in enumerate(told["category"]):
            parent, _ = Category.objects.get_or_create(name=name, parent=parent, defaults={"slug": f"{told['slug'][:80]}-{at}"})
        keys = [f"option{number}" for number in range(len(told["options"]))]
        options = [
            {"name": key, "label": label, "values": [variant["values"][at] for variant in told["variants"]]}
            for at, (key, label) in enumerate(zip(keys, told["options"], strict=True))
        ]
        published_at = datetime(2026, 1, 31, 21, 12, tzinfo=UTC) if told["fields"]["status"] == "active" else None
        product = Product.objects.create(
            slug=told["slug"], category=parent, options=options, published_at=published_at, **told["fields"]
        )
        assets = [MediaAsset.objects.get_or_create(source=url, defaults={"alt": told["alt"]})[0] for url in told["pictures"]]
        for position, asset in enumerate(assets, start=1):
            ProductPicture.objects.create(product=product, asset=asset, position=position)
        for position, given_ in enumerate(told["variants"], start=1):
            fields = {name: value for name, value in given_.items() if name not in {"values", "stock"}}
            variant = Variant.objects.create(
                product=product,
                options=dict(zip(keys, given_["values"], strict=True)),
                title=" / ".join(given_["values"]),
                currency="INR",
                compare_at_amount=fields["price_amount"] + 1 if position == 2 else None,
                picture=assets[0] if assets else None,
                position=position,
                **fields,
            )
            is_tracked, on_hand, policy = given_["stock"]
            StockItem.objects.create(variant=variant, is_tracked=is_tracked, on_hand=on_hand, policy=policy)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(catalogue=catalogues(), for_spreadsheets=st.booleans())
def test_a_catalogue_goes_out_comes_in_and_goes_out_as_it_was(catalogue: list[dict[str, Any]], for_spreadsheets: bool) -> None:
    with transaction.atomic():
        stock_the_shop(catalogue)
        exported = take_out(for_spreadsheets=for_spreadsheets)
        transaction.set_rollback(True)
    assert not Product.objects.exists()
    with transaction.atomic():
        brought = bring_in(exported)
        assert findings(brought, fatal=True) == []
        assert brought.counts["products_created"] == len(catalogue)
        assert take_out(for_spreadsheets=for_spreadsheets) == exported
        again = bring_in(exported)
        assert again.counts["products_unchanged"] == len(catalogue)
        transaction.set_rollback(True)


@given(st.one_of(st.text(), awkward), st.booleans())
def test_a_mark_for_spreadsheets_comes_off_again(cell: str, for_spreadsheets: bool) -> None:
    assert unmarked(marked(cell, for_spreadsheets=for_spreadsheets)) == cell
    code = cell.strip()
    if code:
        assert code_unmarked(code_marked(code, for_spreadsheets=for_spreadsheets)) == code
    if for_spreadsheets:
        assert marked(cell, for_spreadsheets=True)[:1] not in {"=", "+", "-", "@", "\t", "\r"}
