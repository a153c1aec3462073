"""What a product file says of a product, before it is brought in."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to report about one row of the file. A fatal one refuses its product.

    row is the number that a spreadsheet shows, 0 for the file as a whole.
    """

    row: int
    column: str
    message: str
    handle: str = ""
    is_fatal: bool = True


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """fields holds only what the file has a column for; None elsewhere: the file doesn't say."""

    row: int
    values: tuple[str, ...]  # of the options, in their order
    fields: dict[str, Any]  # barcode, price_amount, compare_at_amount, weight_grams
    sku: str  # empty where the file has none
    is_tracked: bool | None = None
    quantity: int | None = None
    policy: str | None = None
    tax_rate_bps: int | None = None  # None: the file doesn't say; -1: whatever the import was told
    image: str | None = None
    stored_cells: dict[str, str] = field(default_factory=dict)  # header -> cell, blank ones too


@dataclass(frozen=True, slots=True)
class ImageDraft:
    row: int
    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class AttributeDraft:
    """value None: the cell is blank."""

    label: str
    type: str
    value: Any
    header: str


@dataclass(slots=True)
class ProductDraft:
    row: int
    handle: str
    slug: str
    fields: dict[str, Any] = field(default_factory=dict)  # only what the file has a column for
    categories: list[str] | None = None  # names from the root down; None: the file doesn't say
    attributes: dict[str, AttributeDraft] = field(default_factory=dict)
    options: list[str] | None = None  # their labels; None: the file has no column for them
    variants: list[VariantDraft] = field(default_factory=list)
    # Row -> an earlier row whose options are equal but spelled otherwise. Only variants that are stored like that may stay so.
    equals: dict[int, int] = field(default_factory=dict)
    images: list[ImageDraft] = field(default_factory=list)
    story_pictures: dict[str, str] = field(default_factory=dict)  # address -> alternative text
    left_out: str = ""  # elements of the description that are not kept
    notes: list[Finding] = field(default_factory=list)  # what is to tell about it, if it can be brought in
