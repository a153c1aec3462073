"""Files that other shops really exported: what an importer has to make of them is counted here by the csv module alone."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from noirel.backoffice.models import Import
from noirel.backoffice.tests.products_csv import bring_in, empty_the_shop, findings, take_out
from noirel.catalog.models import Product, ProductPicture, Variant

FILES = sorted((Path(__file__).parent / "files" / "real").glob("*.csv"))
pytestmark = pytest.mark.django_db
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def counted(path: Path) -> dict[str, Any]:
    """Variants: the first row of a handle, or a row with an option 1 value, SKU or price."""
    csv.field_size_limit(2**30)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    firsts: dict[str, dict[str, str]] = {}
    variants: Counter[str] = Counter()
    images: dict[str, set[str]] = {}
    for row in rows:
        is_first = row["Handle"] not in firsts
        firsts.setdefault(row["Handle"], row)
        variants[row["Handle"]] += is_first or any(row.get(n) for n in ("Option1 Value", "Variant SKU", "Variant Price"))
        if row["Image Src"]:
            images.setdefault(row["Handle"], set()).add(row["Image Src"])
    return {"rows": len(rows), "products": firsts, "variants": variants, "images": images}


def test_there_are_files() -> None:
    assert len(FILES) == 2


@each_file
def test_all_of_it_is_there_afterwards(path: Path) -> None:
    told = counted(path)
    job = bring_in(path.read_bytes())
    assert job.rows_read == told["rows"]
    assert job.counts["products_created"] == len(told["products"]) == Product.objects.count()
    assert job.counts["variants_created"] == told["variants"].total() == Variant.objects.count()
    assert job.counts["images_found"] == sum(map(len, told["images"].values())) == ProductPicture.objects.count()
    assert "products_refused" not in job.counts
    for product in Product.objects.prefetch_related("variants", "pictures"):
        first = told["products"][product.slug]
        assert product.name == first["Title"].strip()
        assert product.status == "active"
        assert len(product.variants.all()) == told["variants"][product.slug]
        assert len(product.pictures.all()) == len(told["images"].get(product.slug, ()))
        assert product.variants.all()[0].price_amount == round(float(first["Variant Price"]) * 100)
        assert "<script" not in product.story.casefold()


@each_file
def test_every_variant_without_a_sku_gets_one_and_is_told_of(path: Path) -> None:
    job = bring_in(path.read_bytes())
    skus = set(Variant.objects.values_list("sku", flat=True))
    assert len(skus) == Variant.objects.count()
    assert "" not in skus
    named = [message for _, column, message in findings(job, fatal=False) if column == "Variant SKU"]
    assert len(named) == len(skus)
    assert all(message.startswith("None given; it is called ") for message in named)
    empty_the_shop()
    bring_in(path.read_bytes())
    assert set(Variant.objects.values_list("sku", flat=True)) == skus


@each_file
def test_the_same_file_again_changes_nothing(path: Path) -> None:
    first = bring_in(path.read_bytes())
    before = list(Product.objects.order_by("pk").values())
    again = bring_in(path.read_bytes())
    assert again.counts["products_unchanged"] == first.counts["products_created"]
    assert again.counts["variants_unchanged"] == first.counts["variants_created"]
    assert not {"products_created", "products_changed", "variants_created", "variants_changed"} & set(again.counts)
    for old, new in zip(before, Product.objects.order_by("pk").values(), strict=True):
        assert new == old


@each_file
def test_a_dry_run_tells_the_same_and_writes_nothing(path: Path) -> None:
    tried = bring_in(path.read_bytes(), is_dry_run=True)
    assert not Product.objects.exists()
    done = bring_in(path.read_bytes())
    assert tried.counts == done.counts
    assert findings(tried) == findings(done)
    assert Import.objects.filter(is_dry_run=True).get() == tried


@each_file
@pytest.mark.parametrize("for_spreadsheets", [False, True], ids=["plain", "for spreadsheets"])
def test_it_goes_out_brought_into_an_empty_shop_and_out_again_as_it_was(path: Path, for_spreadsheets: bool) -> None:
    bring_in(path.read_bytes())
    exported = take_out(for_spreadsheets=for_spreadsheets)
    empty_the_shop()
    again = bring_in(exported)
    assert findings(again) == []
    assert take_out(for_spreadsheets=for_spreadsheets) == exported


def test_what_this_shop_has_no_place_for_goes_out_again() -> None:
    path = next(path for path in FILES if path.stem == "atp-group-services")
    bring_in(path.read_bytes())
    with path.open(encoding="utf-8", newline="") as file:
        there = {row["Handle"]: row for row in csv.DictReader(file) if row["Title"]}
    out = {row["Handle"]: row for row in csv.DictReader(take_out().decode().splitlines(keepends=True)) if row["Title"]}
    assert set(out) == set(there)
    lost = {
        (column, cell)
        for handle, row in there.items()
        for column, cell in row.items()
        if cell.strip() and not out[handle].get(column)
    }
    assert lost == {("Product Category", "Uncategorized")}
    same = ("Title", "Tags", "Variant Requires Shipping", "Cost per item", "Gift Card", "SEO Title", "Image Src", "Status")
    for handle, row in there.items():
        assert {column: row[column] for column in same} == {column: out[handle][column] for column in same}
