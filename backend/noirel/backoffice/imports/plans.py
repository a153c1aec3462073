"""What drafts of products come to in this catalogue."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from noirel.backoffice.imports.drafts import Finding, ProductDraft, VariantDraft
from noirel.catalog.models import Product, ProductPicture, Variant


@dataclass(slots=True)
class VariantPlan:
    variant: Variant
    draft: VariantDraft
    is_new: bool
    changed: set[str] = field(default_factory=set)
    terms: tuple[bool, str] | None = None  # (is tracked, policy), where they change
    stored_cells: dict[str, str] | None = None  # where they change

    @property
    def outcome(self) -> str:
        if self.is_new:
            return "created"
        return "changed" if self.changed or self.terms or self.stored_cells is not None else "unchanged"


@dataclass(slots=True)
class Plan:
    """What one draft comes to. outcome is `created`, `changed`, `unchanged` or `refused`."""

    draft: ProductDraft
    findings: list[Finding]
    outcome: str = "refused"
    product: Product = field(default_factory=Product)
    changed: set[str] = field(default_factory=set)
    variants: list[VariantPlan] = field(default_factory=list)
    others: list[Variant] = field(default_factory=list)  # the file has no row for them; changed with their options' names
    pictures: list[ProductPicture] = field(default_factory=list)  # to write, new ones and those that change

    @property
    def counts(self) -> Counter[str]:
        counts = Counter({f"products_{self.outcome}": 1})
        if self.outcome != "refused":
            counts.update(f"variants_{variant.outcome}" for variant in self.variants)
            counts["images_found"] += len(self.draft.images)
        return counts


def assign(row: models.Model, fields: Mapping[str, Any], changed: set[str]) -> None:
    """Set these, and add to `changed` the names of those that were something else."""
    for name, value in fields.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.add(name)
