"""What real files hold, one awkward thing at a time."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.utils import timezone
from PIL import Image

from noirel.backoffice.imports import pictures, reading
from noirel.backoffice.imports.importer import Importer
from noirel.backoffice.imports.lifecycle import create_import
from noirel.backoffice.imports.run import run
from noirel.backoffice.models import Import, PendingPicture
from noirel.backoffice.tests.products_csv import bring_in, empty_the_shop, findings, take_out
from noirel.catalog.models import Attribute, Product, Variant
from noirel.content.models import MediaAsset
from noirel.core.domain.errors import Invalid
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db
ROWS = [
    ["Handle", "Title", "Body (HTML)", "Option1 Name", "Option1 Value", "Variant SKU", "Variant Price"],
    ["café", "Café – “crème”", "<p>Long,\nand wide; “quoted”</p>", "Size", "S", "A-1", "12.50"],
    ["café", "", "", "", "M", "A-2", "13"],
    ["hat", "Hat", "", "Title", "Default Title", "H", "5"],
]

SHOUTED = [cell.upper().center(20) for cell in ROWS[0]]
NEWER = ["URL handle", "Title", "Description", "Option1 name", "Option1 value", "SKU", "Price"]


def written(rows: list[list[str]] = ROWS, delimiter: str = ",", end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        (written().encode(), "utf-8-sig", ","),
        (written().encode("utf-8-sig"), "utf-8-sig", ","),
        (written().encode("utf-16"), "utf-16", ","),
        (written().encode("utf-16-be"), "utf-16-be", ","),
        (written().encode("utf-16-le"), "utf-16-le", ","),
        (written().encode("cp1252"), "cp1252", ","),
        (written(delimiter=";").encode(), "utf-8-sig", ";"),
        (written(delimiter="\t", end="\r\n").encode("cp1252"), "cp1252", "\t"),
        (written(end="\r").encode(), "utf-8-sig", ","),
        (written([SHOUTED, *ROWS[1:]]).encode(), "utf-8-sig", ","),
        (written([NEWER, *ROWS[1:]]).encode(), "utf-8-sig", ","),
        (written([*ROWS, [], ["", " ", "", "", "", "", ""]]).encode(), "utf-8-sig", ","),
    ],
    ids=[
        "utf-8", "mark", "utf-16", "utf-16-be", "utf-16-le", "cp1252", "semicolons", "tabs", "old-mac", "shouted", "newer",
        "blank-rows",
    ],
)  # fmt: skip
def test_however_it_is_written_it_is_the_same_products(content: bytes, encoding: str, delimiter: str) -> None:
    job = bring_in(content)
    assert (job.encoding, job.delimiter, job.rows_read) == (encoding, delimiter, 3)
    cafe = Product.objects.get(slug="café")
    assert (cafe.name, cafe.story) == ("Café – “crème”", "<p>Long,\nand wide; “quoted”</p>")
    assert list(Variant.objects.order_by("pk").values_list("sku", "price_amount")) == [("A-1", 1250), ("A-2", 1300), ("H", 500)]


def refused(text: str, **options: Any) -> list[tuple[int, str, str]]:
    job = bring_in(text.encode(), **options)
    assert job.counts.get("products_refused", 0) >= 1
    return findings(job, fatal=True)


def test_missing_prices_words_and_too_many_decimals_are_refused_with_row_and_column() -> None:
    text = 'Handle,Title,Variant Price\na,A,\nb,B,dear\nc,C,1.234\nd,D,-5\ne,E,$5\nf,F,"1,50"\ng,G,5\n'
    assert refused(text) == [
        (2, "Variant Price", "No price."),
        (3, "Variant Price", "'dear' is not a price. Enter a number like 1200.00."),
        (4, "Variant Price", "'1.234' has more decimals than INR."),
        (5, "Variant Price", "'-5' is not a price. Enter a number like 1200.00."),
        (6, "Variant Price", "'$5' is not a price. Enter a number like 1200.00."),
        (7, "Variant Price", "'1,50' is not a price. Enter a number like 1200.00."),
    ]
    assert list(Product.objects.values_list("slug", flat=True)) == ["g"]


def test_a_row_number_counts_records_and_not_lines() -> None:
    assert refused('Handle,Title,Body,Variant Price\na,A,"one\ntwo\r\nthree",1\nb,B,,dear\n')[0][0] == 3


def test_the_rest_of_a_product_is_refused_with_its_one_bad_row() -> None:
    text = "Handle,Title,Option1 Name,Option1 Value,Variant Price\na,A,Size,S,1\na,,,M,dear\nb,B,Size,S,1\n"
    assert refused(text) == [(3, "Variant Price", "'dear' is not a price. Enter a number like 1200.00.")]
    assert list(Product.objects.values_list("slug", flat=True)) == ["b"]


def test_repeated_skus_go_to_the_first_row_and_the_others_are_named_and_told() -> None:
    text = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\na,A,Size,S,X,1\na,,,M,X,1\nb,B,,,X,1\n"
    job = bring_in(text.encode())
    assert dict(Variant.objects.values_list("title", "sku")) == {"S": "X", "M": "A-M", "": "B"}
    assert findings(job) == [
        (3, "Variant SKU", "'X' is taken; it is called A-M."),
        (4, "Variant SKU", "'X' is taken; it is called B."),
    ]
    again = bring_in(text.encode())
    assert again.counts["variants_unchanged"] == 3


def test_a_column_that_is_absent_leaves_things_alone_and_one_that_is_blank_empties_them() -> None:
    bring_in(b"Handle,Title,Vendor,Tags,Variant SKU,Variant Barcode,Variant Grams,Variant Price\na,A,Mill,x,S,0123,300,5\n")
    job = bring_in(b"Handle,Title,Vendor,Variant Price\na,B,,6\n")
    assert job.counts["products_changed"] == 1
    product = Product.objects.get()
    variant = product.variants.get()
    assert (product.name, product.vendor, product.tags) == ("B", "", ["x"])
    assert (variant.sku, variant.barcode, variant.weight_grams, variant.price_amount) == ("S", "0123", 300, 600)
    bring_in(b"Handle,Title,Option1 Name,Option1 Value,Variant Price\nc,C,Size,S,1\nc,,,M,1\n")
    job = bring_in(b"Handle,Title,Variant Price\nc,D,9\n")
    assert Product.objects.get(slug="c").name == "D"
    assert findings(job) == [
        (2, "Option1 Value", "Without the options' columns nobody can tell which variant this row is; left aside.")
    ]


def test_what_a_shop_has_sold_since_is_not_counted_again() -> None:
    text = b"Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price\na,A,S,shopify,5,1\n"
    bring_in(text)
    job = bring_in(text.replace(b",5,1", b",9,1"))
    assert job.counts["variants_unchanged"] == 1
    assert Variant.objects.get().available == 5


def test_a_variant_that_is_no_longer_offered_stays_out_of_files_and_comes_back_with_one() -> None:
    text = b"Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\na,A,Size,S,S,1\na,,,M,M,1\n"
    bring_in(text)
    Variant.objects.filter(sku="M").update(archived_at=timezone.now())
    assert b",M," not in take_out()
    assert bring_in(text.replace(b"a,,,M,M,1\n", b"")).counts["variants_unchanged"] == 1
    assert bring_in(text).counts["variants_changed"] == 1
    assert list(Variant.objects.filter(archived_at=None).values_list("sku", flat=True)) == ["S", "M"]


def test_when_a_product_goes_and_its_canonical_address_go_there_and_back() -> None:
    own = b"Unpublish at (product.metafields.noirel.unpublish_at),x (product.metafields.noirel.canonical)"
    bring_in(b"Handle,Title,Variant Price," + own + b"\na,A,1,2099-01-31T21:12:00Z,https://noirel.example/p/b\n")
    product = Product.objects.get()
    assert (product.unpublish_at, product.seo_canonical) == (
        datetime(2099, 1, 31, 21, 12, tzinfo=UTC),
        "https://noirel.example/p/b",
    )
    out = next(csv.DictReader(io.StringIO(take_out().decode())))
    assert out["Unpublish at (product.metafields.noirel.unpublish_at)"] == "2099-01-31T21:12:00Z"
    assert out["Canonical address (product.metafields.noirel.canonical)"] == "https://noirel.example/p/b"


def test_a_value_that_the_shop_does_not_choose_from_is_refused_where_it_stands() -> None:
    Attribute.objects.create(name="cloth", label="Cloth", type="text", choices=["wool", "silk"])
    header = "Handle,Title,Variant Price,Cloth (product.metafields.noirel_text.cloth)\n"
    text = f"{header}a,A,1,wool\nb,B,1,nylon\n"
    assert refused(text) == [(3, "Cloth (product.metafields.noirel_text.cloth)", "One of wool, silk.")]
    assert list(Product.objects.values_list("slug", "attributes")) == [("a", {"cloth": "wool"})]
    # What stands there already is not asked again: what goes out comes in.
    Product.objects.update(attributes={"cloth": "felt"})
    assert bring_in(f"{header}a,Another,1,felt\n".encode()).counts["products_changed"] == 1


def test_options_whose_values_are_blank_are_left_aside() -> None:
    header = "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price\n"
    job = bring_in((header + "a,A,Size,S,Colour,,1\na,,,M,,,1\n").encode())
    assert findings(job, fatal=False)[0] == (2, "Option2 Name", "Colour has no value on any row; left aside.")
    assert [v.options for v in Variant.objects.all()] == [{"size": "S"}, {"size": "M"}]


def test_a_huge_description_is_taken_and_a_monstrous_one_refused() -> None:
    huge = "<p>" + "word " * 60_000 + "</p>"  # beyond the csv module's own limit
    text = f'Handle,Title,Body,Variant Price\na,A,"{huge}",1\nb,B,"{"x" * 500_001}",1\n'
    assert refused(text) == [(3, "Body (HTML)", "500,001 characters; a description has at most 500,000.")]
    assert len(Product.objects.get().story) > 300_000


def test_a_quote_that_nobody_closed_stops_the_import_and_says_where() -> None:
    before = csv.field_size_limit(100_000)
    try:
        text = "Handle,Title,Variant Price\n" + "a,A,1\n" * 9 + 'b,"B,1\n' + "c,C,1\n" * 40_000
        job = create_import(actor=SYSTEM, name="x.csv", pieces=[text.encode()], currency="INR", is_dry_run=False)
        run(job.pk, actor=SYSTEM)
    finally:
        csv.field_size_limit(before)
    job.refresh_from_db()
    assert job.status == Import.Status.FAILED
    assert "Is there a quote that nobody closed?" in job.problem
    assert not Product.objects.exists()


def test_a_product_that_the_database_refuses_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Importer.import_drafts

    def bring(self: Importer, drafts: Any) -> Any:
        if any(draft.slug == "b" for draft in drafts):
            raise IntegrityError("no b")
        return whole(self, drafts)

    monkeypatch.setattr(Importer, "import_drafts", bring)
    assert refused("Handle,Title,Variant Price\na,A,1\nb,B,1\nc,C,1\n") == [(3, "", "no b")]
    assert sorted(Product.objects.values_list("slug", flat=True)) == ["a", "c"]


def test_a_rounded_barcode_is_left_aside_and_zeros_stay() -> None:
    job = bring_in(b"Handle,Title,Variant Barcode,Variant Price\na,A,1.23E+12,1\nb,B,'0012,1\n")
    assert dict(Variant.objects.values_list("product__slug", "barcode")) == {"a": "", "b": "0012"}
    assert (2, "Variant Barcode", "'1.23E+12' was rounded by a spreadsheet; left aside.") in findings(job)


def test_pictures_wait_for_the_worker_and_a_bad_address_stops_nobody(client: Client) -> None:
    urls = ["http://127.0.0.1/a.jpg", "ftp://example.com/x", "http://[", "not an address"]
    lines = [f"p{at},P,1,{url}" for at, url in enumerate(urls)]
    bring_in("\n".join(["Handle,Title,Variant Price,Image Src", *lines]).encode())
    assert PendingPicture.objects.count() == 4
    assert pictures.fetch_pending() == 0
    told = {wanted.asset.source: (wanted.due_at, wanted.problem) for wanted in PendingPicture.objects.select_related("asset")}
    assert told[urls[0]] == (None, "127.0.0.1 is not a public address.")
    assert told[urls[1]][1] == "Only http:// and https:// addresses are fetched."
    assert all(problem for _, problem in told.values())
    assert client.get("products/p0").json()["images"] == []


def test_a_picture_that_came_is_shown_on_its_product(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    rows = [f"{slug},A,1,https://cdn.example/a.jpg,{alt}" for slug, alt in (("a", "Front"), ("b", "Back"))]
    bring_in("\n".join(["Handle,Title,Variant Price,Image Src,Image Alt Text", *rows]).encode())
    monkeypatch.setattr(pictures, "fetch_picture", lambda _: Image.new("RGB", (8, 6), "red"))
    assert pictures.fetch_pending() == 1
    assert not PendingPicture.objects.exists()
    shown = {slug: client.get(f"products/{slug}").json()["images"] for slug in "ab"}
    assert [(image["alt"], image["width"]) for images in shown.values() for image in images] == [("Front", 8), ("Back", 8)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Handle,Title,Variant Price\na,A\x00,1\n", "Line 2 contains a NUL byte"),
        (b"Handle,Title\x00,Variant Price\na,A,1\n", "Line 1 contains a NUL byte"),
        (b'Handle,Title,Variant Price\na,A,1\nb,"B,1\nc,C,1\n', "begins on line 3 and is never closed"),
        (b'Handle,"Title,Variant Price\na,A,1\n', "begins on line 1 and is never closed"),
        (b"\n\nName,Cost\na,1\n", "it says: Name, Cost"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_with_its_line(staff: Client, content: bytes, message: str) -> None:
    file = SimpleUploadedFile("x.csv", content)
    refused = staff.post("admin/imports", {"file": file, "currency": "INR"}, format="multipart")
    assert refused.status_code == 400, refused.content
    assert message in refused.json()["errors"][0]["message"]
    assert not Import.objects.exists()


def test_a_quote_that_is_open_at_the_end_of_a_long_file_stops_the_import_and_names_its_line() -> None:
    text = "Handle,Title,Variant Price\n" + "".join(f"a{at},A,1\n" for at in range(100)) + 'b,"B,1\n' + "c,C,1\n" * 10
    job = create_import(actor=SYSTEM, name="x.csv", pieces=[text.encode()], currency="INR", is_dry_run=False)
    run(job.pk, actor=SYSTEM)
    job.refresh_from_db()
    assert job.status == Import.Status.FAILED
    assert "begins on line 102 and is never closed" in job.problem
    assert not Product.objects.exists()


def test_blank_lines_before_the_header_are_skipped() -> None:
    job = bring_in(b"\n , ,\n\nHandle,Title,Variant Price\na,A,1\nb,B,dear\n")
    assert (job.rows_read, job.counts["products_created"]) == (2, 1)
    assert findings(job, fatal=True) == [(6, "Variant Price", "'dear' is not a price. Enter a number like 1200.00.")]


def test_a_row_without_a_handle_says_what_it_lacks() -> None:
    text = "Handle,Title,Option1 Name,Option1 Value,Variant Price\na,A,Size,S,1\n,,,M,1\n,,,,,\n"
    assert refused(text) == [
        (3, "Handle", "The row has no handle. Each row of a further variant or image repeats the handle of its product.")
    ]


def test_zeros_behind_a_price_are_exact_and_other_digits_refused() -> None:
    text = "Handle,Title,Variant Price\na,A,499.000\nb,B,499.001\nc,C,499.5\nd,D,499.\n"
    assert refused(text) == [
        (3, "Variant Price", "'499.001' has more decimals than INR."),
        (5, "Variant Price", "'499.' is not a price. Enter a number like 1200.00."),
    ]
    assert dict(Variant.objects.values_list("product__slug", "price_amount")) == {"a": 49900, "c": 49950}


def test_an_unlisted_product_is_for_sale_and_in_no_list(client: Client) -> None:
    bring_in(b"Handle,Title,Status,Variant Price\na,A,unlisted,1\nb,B,Unlisted,1\nc,C,active,1\n")
    assert set(Product.objects.values_list("slug", "status", "is_listed")) == {
        ("a", "active", False), ("b", "active", False), ("c", "active", True)
    }  # fmt: skip
    assert client.get("products/a").status_code == 200
    assert [card["slug"] for card in client.get("products").json()["results"]] == ["c"]
    exported = take_out()
    assert bring_in(exported).counts["products_unchanged"] == 3


def test_a_long_option_value_is_taken_and_one_beyond_the_limit_refused() -> None:
    header = "Handle,Title,Option1 Name,Option1 Value,Variant Price\n"
    assert bring_in(f"{header}a,A,Engraving,{'x' * 255},1\n".encode()).counts["products_created"] == 1
    assert refused(f"{header}b,B,Engraving,{'x' * 256},1\n") == [
        (2, "Option1 Value", "256 characters; an option value has at most 255.")
    ]


def test_pictures_of_a_description_are_fetched_and_shown_from_our_own_media(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    body = "<p>Long</p><img src='https://cdn.example/b.jpg?v=1&w=2' alt='Bottle'><iframe src=x></iframe>"
    text = f'Handle,Title,Body,Variant SKU,Variant Price\na,A,"{body}",A-1,1\n'.encode()
    job = bring_in(text)
    assert findings(job) == [(2, "Body (HTML)", "Left out of the description: iframe.")]
    assert client.get("products/a").json()["story"] == "<p>Long</p>"
    assert PendingPicture.objects.get().asset.source == "https://cdn.example/b.jpg?v=1&w=2"
    monkeypatch.setattr(pictures, "fetch_picture", lambda _: Image.new("RGB", (8, 6), "red"))
    assert pictures.fetch_pending() == 1
    story = client.get("products/a").json()["story"]
    assert story.startswith('<p>Long</p><img src="/media/')
    assert 'alt="Bottle" width="8" height="6" loading="lazy"' in story
    again = bring_in(text)
    assert (again.counts["products_unchanged"], findings(again)) == (1, [])
    exported = take_out()
    empty_the_shop()
    bring_in(exported)
    assert take_out() == exported


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"PK\x03\x04\x00\x00", b"a;b\n1;2\n", b"{}"])
def test_what_is_no_product_file_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        create_import(actor=SYSTEM, name="x.csv", pieces=[content], currency="INR", is_dry_run=False)


def test_a_piece_may_end_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    content = written().encode()

    def one_by_one() -> Iterator[bytes]:
        for at in range(len(content)):
            yield content[at : at + 1]

    form = reading.inspect(one_by_one)
    assert [row for _, row in reading.records(one_by_one, form.encoding, form.delimiter)] == ROWS


def test_a_market_s_own_columns_are_kept_for_the_next_export() -> None:
    bring_in(b"Handle,Title,Variant Price,Price / Europe,Cost per item,Google Shopping / MPN\na,A,5,4.50,2,=M\n")
    exported = next(csv.DictReader(io.StringIO(take_out().decode())))
    kept = {name: exported[name] for name in ("Price / Europe", "Cost per item", "Google Shopping / MPN")}
    assert kept == {"Price / Europe": "4.50", "Cost per item": "2", "Google Shopping / MPN": "=M"}
    safe = next(csv.DictReader(io.StringIO(take_out(for_spreadsheets=True).decode())))
    assert safe["Google Shopping / MPN"] == "'=M"


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_all_that_is_wrong_with_a_product_is_reported_at_once(is_dry_run: bool) -> None:
    make_variant(price=inr(100), sku="TAKEN")
    attribute = Attribute.objects.create(name="hour", label="Hour", choices=["Noon"])
    file = (
        "Handle,Title,Status,Option1 Name,Option1 Value,Variant SKU,Variant Price,Hour (product.metafields.noirel_text.hour)\n"
        "hat,Hat,sold out,Size,S,TAKEN,abc,Midnight\n"
        "hat,,,,M,,,\n"
        "hat,,,,S,,1,\n"
        "scarf,Scarf,active,Size,S,TAKEN,1,Midnight\n"
        "scarf,,,,M,,,\n"
    )
    job = bring_in(file.encode(), is_dry_run=is_dry_run)
    status = "'sold out' is not active, draft, archived or unlisted."
    assert findings(job, fatal=True) == [
        (2, "Status", status),
        (2, "Variant Price", "'abc' is not a price. Enter a number like 1200.00."),
        (2, "Hour (product.metafields.noirel_text.hour)", "One of Noon."),
        (3, "Variant Price", "No price."),
        (4, "Option1 Value", "The same options as row 2."),
        (5, "Hour (product.metafields.noirel_text.hour)", "One of Noon."),
        (6, "Variant Price", "No price."),
    ]
    notes = findings(job, fatal=False)
    assert [found[:2] for found in notes if "TAKEN" in found[2]] == [(2, "Variant SKU"), (5, "Variant SKU")]
    assert Product.objects.count() == 1
    assert Attribute.objects.get() == attribute
    assert not MediaAsset.objects.exists()


def test_rows_are_numbered_as_in_a_spreadsheet_whatever_stands_above_them() -> None:
    good = "Handle,Title,Variant Price\na,A,1\n"
    assert findings(bring_in(good.encode() + b"b,B,dear\n"), fatal=True)[0][0] == 3
    assert findings(bring_in(b"\n\n" + good.encode() + b'\nb,"B\nB",dear\n'), fatal=True)[0][0] == 6
