"""Whatever catalogue a shop has: exported, brought into an empty shop and exported again, the file is the same."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from noirel.backoffice.imports.cells import escape_code, escape_formula, unescape_code, unescape_formula
from noirel.backoffice.tests.products_csv import bring_in, empty_the_shop, findings, take_out
from noirel.catalog.models import Attribute, Category, Product, ProductPicture, Variant
from noirel.catalog.option_values import option_key, option_value
from noirel.catalog.services.projection import refresh_projections
from noirel.catalog.story import sanitise
from noirel.content.models import MediaAsset
from noirel.core.slugs import slugify
from noirel.inventory.models import StockItem
from tests.client import Client

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
labels = names.map(option_value).filter(bool)
values_of_options = (
    st.one_of(names, st.sampled_from(["S", "s", "Été", "Sable  d’été", "a\u00a0b", "x" * 255])).map(option_value).filter(bool)
)
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


def one_spelling(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Equal values of an option are spelled as they are first, as the API lists them."""
    first: dict[tuple[int, str], str] = {}
    return [tuple(first.setdefault((at, option_key(value)), value) for at, value in enumerate(row)) for row in rows]


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
        values = st.tuples(*[values_of_options] * count)
        rows = (
            draw(st.lists(values, min_size=1, max_size=3, unique_by=lambda row: tuple(map(option_key, row)))) if count else [()]
        )
        rows = one_spelling(rows)
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
                "options": draw(st.lists(labels, min_size=count, max_size=count, unique_by=option_key)),
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
                title=" / ".join(given_["values"])[:255],
                currency="INR",
                compare_at_amount=fields["price_amount"] + 1 if position == 2 else None,
                picture=assets[0] if assets else None,
                position=position,
                **fields,
            )
            is_tracked, on_hand, policy = given_["stock"]
            StockItem.objects.filter(pk=variant.pk).update(is_tracked=is_tracked, on_hand=on_hand, policy=policy)


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


# OWASP's list of what begins a formula in some spreadsheet, the full-width forms with it.
FORMULA_BEGINNINGS = {"=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"}
formulas = st.tuples(st.sampled_from(sorted(FORMULA_BEGINNINGS)), st.text()).map("".join)


@given(st.one_of(st.text(), awkward, formulas), st.booleans())
def test_a_mark_for_spreadsheets_comes_off_again(cell: str, for_spreadsheets: bool) -> None:
    assert unescape_formula(escape_formula(cell, for_spreadsheets=for_spreadsheets)) == cell
    code = cell.strip()
    if code:
        assert unescape_code(escape_code(code, for_spreadsheets=for_spreadsheets)) == code
    if for_spreadsheets:
        assert escape_formula(cell, for_spreadsheets=True)[:1] not in FORMULA_BEGINNINGS
        assert escape_code(code, for_spreadsheets=True)[:1] not in FORMULA_BEGINNINGS


LOOKALIKES = [
    "S", "s", "ſ", "ß", "SS", "é", "e\u0301", "a b", "a\u00a0b", "a\u200bb", "ab", "İ", "i̇", "Σ", "ς", "ﬁ", "fi",
]  # fmt: skip
typed_values = st.lists(st.one_of(texts(20, least=1), st.sampled_from(LOOKALIKES)), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(sizes=typed_values, colours=typed_values, label=texts(20, least=1))
def test_whatever_options_the_api_accepts_its_export_can_be_imported(
    staff: Client, sizes: list[str], colours: list[str], label: str
) -> None:
    with transaction.atomic():
        price = {"amount": 100, "currency": "INR"}
        slug = staff.post("admin/products", {"name": "A", "sku": "A-1", "price": price}).json()["slug"]
        options = [
            {"name": "size", "label": label, "values": sizes},
            {"name": "colour", "label": "Colour", "values": colours},
        ]
        set_ = staff.put(f"admin/products/{slug}/options", {"options": options})
        if set_.status_code == 200:
            assert staff.post(f"admin/products/{slug}/variants/missing", {"price": price}).status_code == 200
            exported = take_out()
            again = bring_in(exported)
            assert findings(again, fatal=True) == []
            assert again.counts["products_unchanged"] == 1
            empty_the_shop()
            assert findings(bring_in(exported), fatal=True) == []
            assert take_out() == exported
        else:
            assert set_.status_code == 400
        transaction.set_rollback(True)


@given(st.text(characters, max_size=30))
def test_a_value_in_its_stored_spelling_stays_so_and_is_equal_to_what_was_typed(text: str) -> None:
    stored = option_value(text)
    assert option_value(stored) == stored
    assert option_key(stored) == option_key(text)
    assert option_key(option_key(text)) == option_key(text)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Rouge", "ROUGE", True),
        ("Été", "E\u0301te\u0301", True),
        ("50 ml", "50\u00a0ml", True),
        ("50 ml", " 50  ml ", True),
        ("50ml", "50\u200bml", True),
        ("50 ml", "50ml", False),
        ("क्ष", "क्\u200dष", False),
        ("é", "e", False),
    ],
)
def test_api_and_importer_agree_on_which_values_are_the_same(staff: Client, one: str, other: str, is_same: bool) -> None:
    price = {"amount": 100, "currency": "INR"}
    slug = staff.post("admin/products", {"name": "A", "sku": "A-1", "price": price}).json()["slug"]
    options = [{"name": "kind", "label": "Kind", "values": [one, other]}]
    refused = staff.put(f"admin/products/{slug}/options", {"options": options}).status_code == 400
    header = "Handle,Title,Option1 Name,Option1 Value,Variant Price"
    job = bring_in(f"{header}\nb,B,Kind,{one},1\nb,,,{other},1\n".encode())
    assert refused == (job.counts.get("products_refused", 0) == 1) == is_same


def test_an_existing_variant_is_found_by_any_spelling_of_its_option_and_takes_the_file_s(staff: Client) -> None:
    header = "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price"
    bring_in(f"{header}\na,A,Size,50 ml,Colour,rouge,1,1\na,,,100 ml,,rouge,2,1\n".encode())
    job = bring_in(f"{header}\na,A,Size,50\u00a0ML,Colour,Rouge,1,1\n".encode())
    assert (job.counts["variants_changed"], findings(job)) == (1, [])
    spelled = dict(Variant.objects.order_by("sku").values_list("sku", "options"))
    assert spelled == {"1": {"size": "50 ML", "colour": "Rouge"}, "2": {"size": "100 ml", "colour": "Rouge"}}
    values = [option["values"] for option in Product.objects.get().options]
    assert values == [["50 ML", "100 ml"], ["Rouge"]]
    added = staff.post(
        "admin/products/a/variants",
        {"sku": "3", "price": {"amount": 100, "currency": "INR"}, "options": {"size": "100\u00a0ml", "colour": "ROUGE"}},
    )
    assert (added.status_code, added.json()["code"]) == (409, "combination_taken")


def test_a_variant_that_was_never_counted_stays_out_of_stock_through_export_and_import(staff: Client) -> None:
    price = {"amount": 100, "currency": "INR"}
    staff.post("admin/products", {"name": "A", "sku": "A-1", "price": price, "status": "active"})
    exported = take_out()
    for _ in range(2):
        bring_in(exported)
        assert (Variant.objects.get().in_stock, Variant.objects.get().available) == (False, 0)
        empty_the_shop()


def test_variants_stored_with_equal_values_can_be_exported_imported_and_mended(
    staff: Client,
) -> None:
    """An older version took "S" and "s" for two values. Its export changes nothing in the same shop, and names them."""
    header = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price"
    bring_in(f"{header}\na,A,Size,S,1,1\na,,,M,2,1\n".encode())
    Variant.objects.filter(sku="2").update(options={"size": "s"}, title="s")
    Product.objects.update(options=[{"name": "size", "label": "Size", "values": ["S", "s"]}])
    refresh_projections(list(Product.objects.values_list("pk", flat=True)))
    exported = take_out()
    job = bring_in(exported)
    assert (job.counts["products_unchanged"], job.counts.get("products_refused", 0)) == (1, 0)
    assert findings(job) == [
        (3, "Option1 Value", "The same options as row 2 but for their spelling: rename one of the two."),
    ]
    assert take_out() == exported
    # A change of one of the two reaches that one.
    bring_in(f"{header}\na,A,Size,S,1,1\na,,,s,2,7\n".encode())
    assert dict(Variant.objects.values_list("sku", "price_amount")) == {"1": 100, "2": 700}
    # Another row of either is no third variant.
    job = bring_in(f"{header}\na,A,Size,S,1,1\na,,,s,2,7\na,,,S\u00a0,3,1\n".encode())
    assert job.counts["products_refused"] == 1
    size = {"name": "size", "label": "Size", "values": ["S", "Small"], "renamed": {"s": "Small"}}
    assert staff.put("admin/products/a/options", {"options": [size]}).status_code == 200
    job = bring_in(take_out())
    assert (job.counts["products_unchanged"], findings(job)) == (1, [])
