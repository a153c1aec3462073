"""Brings drafts of products into the catalogue, many at a time.

Each is brought in whole or not at all, and the same one twice changes nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from noirel.backoffice.imports.columns import CLASSIC_HEADERS
from noirel.backoffice.imports.drafting import same_options
from noirel.backoffice.imports.drafts import AttributeDraft, Finding, ProductDraft
from noirel.backoffice.imports.existing import Categories, ExistingProducts
from noirel.backoffice.imports.plans import Plan, VariantPlan, assign
from noirel.backoffice.imports.skus import FirstRows, assign_skus
from noirel.backoffice.models import MetafieldColumn, StoredCells
from noirel.catalog.attributes import misfit
from noirel.catalog.models import Attribute, Product, ProductPicture, Redirect, Variant
from noirel.catalog.option_values import option_key, option_value
from noirel.catalog.purchasable import is_sold_separately
from noirel.catalog.services.options import MOST_BYTES as MAX_OPTIONS_BYTES
from noirel.catalog.services.projection import refresh_projections
from noirel.core import audit_log
from noirel.core.db import prepared
from noirel.core.http.json import dumps
from noirel.core.slugs import slugify
from noirel.core.viewer import Viewer
from noirel.inventory import services as inventory

MAX_OPTION_NAME = 60  # as the API has it


@dataclass(slots=True)
class Importer:
    """One run over one file. Prices are in `currency`, which the file doesn't name.

    Stock begins at the file's quantity when a variant is made; a later run leaves it alone, since it has sold since. A dry run
    plans the same and writes nothing.
    """

    currency: str
    actor: Viewer
    tax_rate_bps: int
    first_rows: FirstRows
    is_dry_run: bool = False
    _categories: Categories = field(default_factory=Categories)
    _definitions: dict[str, Attribute] = field(default_factory=dict)
    _undefined: dict[str, Attribute] = field(default_factory=dict)
    _headers: set[str] = field(default_factory=set)

    def reset(self) -> None:
        """After a transaction that was rolled back: what it made is not there."""
        self._categories, self._definitions, self._undefined, self._headers = Categories(), {}, {}, set()

    def import_drafts(self, drafts: Sequence[ProductDraft]) -> list[Plan]:
        """Make or change these products, in a transaction: as many statements for many as for one. Locks their rows."""
        with transaction.atomic():
            shelf = ExistingProducts.load(drafts, is_locked=not self.is_dry_run)
            self._definitions = self._definitions or {a.name: a for a in Attribute.objects.all()}
            plans = [self._plan(draft, shelf) for draft in drafts]
            for is_refused in (False, True):  # those that are refused leave their SKUs to the others
                assign_skus([plan for plan in plans if (plan.outcome == "refused") is is_refused], self.first_rows)
            self._report_redirects([plan for plan in plans if plan.outcome == "created"])
            for plan in plans:
                self._set_outcome(plan)
            if not self.is_dry_run:
                self._write([plan for plan in plans if plan.outcome in {"created", "changed"}], shelf)
        return plans

    # -- one product

    def _plan(self, draft: ProductDraft, shelf: ExistingProducts) -> Plan:
        plan = Plan(draft, [*draft.notes])
        found = shelf.products.get(draft.slug)
        plan.product = found or Product(slug=draft.slug, currency=self.currency)
        plan.outcome = "unchanged" if found else "created"
        if not found and "name" not in draft.fields:
            self._refuse(plan, draft.row, "title", "A new product needs a title.")
        # One that is refused is planned all the same, so that everything that is wrong with it is reported at once.
        self._plan_product(plan)
        self._plan_variants(plan, shelf.variants.get(plan.product.pk, []) if found else [], shelf)
        if plan.outcome != "refused":
            self._plan_pictures(plan, shelf)
        return plan

    def _refuse(self, plan: Plan, row: int, name: str, message: str) -> None:
        plan.findings.append(Finding(row, CLASSIC_HEADERS.get(name, name), message, plan.draft.handle))
        plan.outcome = "refused"

    def _plan_product(self, plan: Plan) -> None:
        product, draft = plan.product, plan.draft
        fields = dict(draft.fields)
        if draft.left_out and product.story != fields["story"]:
            said = f"Left out of the description: {draft.left_out}."
            plan.findings.append(Finding(draft.row, CLASSIC_HEADERS["body"], said, draft.handle, is_fatal=False))
        if plan.outcome == "created":
            fields.setdefault("status", Product.Status.ACTIVE)
        if draft.categories is not None:
            fields["category_id"] = self._categories.find(draft.categories, is_made=not self.is_dry_run)
        if draft.attributes:
            attributes = dict(product.attributes)
            for name, told in draft.attributes.items():
                if told.value is None:
                    attributes.pop(name, None)
                else:
                    attributes[name] = value = self._coerce_attribute(plan, name, told)
                    # As in the editor: what stands there already is not asked again.
                    choices = self._definitions[name].choices
                    if choices and product.attributes.get(name) != value and (says := misfit(self._definitions[name], value)):
                        self._refuse(plan, draft.row, told.header, says)
            fields["attributes"] = attributes
        if fields.get("status") == Product.Status.ACTIVE and product.published_at is None:
            fields.setdefault("published_at", timezone.now())
        assign(product, fields, plan.changed)

    def _coerce_attribute(self, plan: Plan, name: str, told: AttributeDraft) -> Any:
        """The value in the type that the shop, or else the first product of the file, has given this attribute."""
        definition = self._definitions.get(name)
        if definition is None:
            definition = Attribute(name=name, label=told.label, type=told.type, position=100)
            self._definitions[name] = self._undefined[name] = definition
        if definition.type == told.type:
            return told.value
        if definition.type == Attribute.Type.LIST and isinstance(told.value, str):
            return [told.value]
        if (
            definition.type == Attribute.Type.TEXT
            and isinstance(told.value, list)
            and not told.header.casefold().count("noirel_")
        ):
            return "; ".join(told.value)
        if definition.type == Attribute.Type.NUMBER and isinstance(told.value, str):
            try:
                return int(told.value) if told.value.lstrip("-").isdigit() else float(told.value)
            except ValueError:
                said = f"{told.value[:40]!r} is not a number; kept as it is."
                plan.findings.append(Finding(plan.draft.row, told.header, said, plan.draft.handle, is_fatal=False))
        return told.value

    def _plan_variants(self, plan: Plan, there: list[Variant], shelf: ExistingProducts) -> None:
        draft, product = plan.draft, plan.product
        keys = self._options(plan, there)
        if keys is None:
            return
        # An older version could store equal values in two spellings ("S" and "s"): such variants are told apart by them.
        compared = option_value if draft.equals else option_key
        # Of two with the same options the one that is offered counts; one that no longer is comes back with its row.
        by_values = {
            tuple(compared(str(v.options.get(key, ""))) for key in keys): v
            for v in sorted(there, key=lambda v: v.archived_at is None)
        }
        if draft.options is None and len(there) == 1 and len(draft.variants) == 1:
            by_values = {tuple(map(compared, draft.variants[0].values)): there[0]}
        for position, told in enumerate(draft.variants, start=1):
            variant = by_values.pop(tuple(map(compared, told.values)), None)
            is_new = variant is None
            if (equal := draft.equals.get(told.row)) is not None:
                if is_new:
                    self._refuse(plan, told.row, "option1 value", same_options(equal))
                    continue
                said = f"{same_options(equal)[:-1]} but for their spelling: rename one of the two."
                plan.findings.append(Finding(told.row, CLASSIC_HEADERS["option1 value"], said, draft.handle, is_fatal=False))
            if draft.options is None and is_new and there:
                said = "Without the options' columns nobody can tell which variant this row is; left aside."
                plan.findings.append(Finding(told.row, CLASSIC_HEADERS["option1 value"], said, draft.handle, is_fatal=False))
                continue
            if is_new and told.fields.get("price_amount") is None:
                self._refuse(plan, told.row, "price", "A new variant needs a price.")
            variant = variant or Variant(product=product, currency=self.currency, tax_rate_bps=self.tax_rate_bps)
            if len(dumps(dict(zip(keys, told.values, strict=True)))) > MAX_OPTIONS_BYTES and told.values:
                said = f"The option values are too long together; a variant has at most {MAX_OPTIONS_BYTES:,} bytes of them."
                self._refuse(plan, told.row, "option1 value", said)
                continue
            item = VariantPlan(variant, told, is_new)
            self._plan_variant(item, keys, position, shelf)
            if variant.currency != self.currency:
                self._refuse(plan, told.row, "price", f"{variant.sku} is sold in {variant.currency}, not in {self.currency}.")
                continue
            plan.variants.append(item)
            is_news = item.is_new or "price_amount" in item.changed
            # Unlisted and free is a sample; in lists it is most likely a price that was left out.
            is_free = variant.price_amount is not None and not is_sold_separately(variant.price_amount)
            if is_news and product.is_listed and is_free:
                said = "A price of 0: it is not sold on its own, and shoppers can't buy it."
                plan.findings.append(Finding(told.row, CLASSIC_HEADERS["price"], said, draft.handle, is_fatal=False))
        if draft.options is not None:
            if not draft.equals:
                self._respell(plan, keys, [v for v in by_values.values() if v.archived_at is None])
            every = [*(item.variant for item in plan.variants), *(v for v in by_values.values() if v.archived_at is None)]
            labels = {option["name"]: option["label"] for option in product.options} | dict(
                zip(keys, draft.options, strict=True)
            )
            known = {option["name"]: option for option in product.options}
            options = [
                {
                    **known.get(key, {}),
                    "name": key,
                    "label": labels[key],
                    "values": list(dict.fromkeys(str(v.options.get(key, "")) for v in every)),
                }
                for key in keys
            ]
            assign(product, {"options": options}, plan.changed)

    def _respell(self, plan: Plan, keys: Sequence[str], others: Sequence[Variant]) -> None:
        """Variants without a row get the file's spelling of the values they share with its rows."""
        spellings = {
            (key, option_key(value)): value
            for item in plan.variants
            for key, value in zip(keys, item.draft.values, strict=True)
        }
        for variant in others:
            options = {key: spellings.get((key, option_key(value)), value) for key, value in variant.options.items()}
            if options != variant.options:
                variant.options = options
                plan.others = [*plan.others, *([] if variant in plan.others else [variant])]
                plan.changed.add("options")

    def _options(self, plan: Plan, there: list[Variant]) -> list[str] | None:
        """The keys of the product's options; None if the file has another number of them.

        Those of another name than before are renamed on its variants.
        """
        draft, product = plan.draft, plan.product
        before = [str(option["name"]) for option in product.options]
        if draft.options is None:
            return before if len(there) != 1 else []
        if there and len(before) != len(draft.options):
            said = f"It has {len(before)} options here ({', '.join(before)}), and {len(draft.options)} in the file."
            self._refuse(plan, draft.row, "option1 name", said)
            return None
        labels = [option_key(str(option["label"])) for option in product.options]
        if there and labels == [option_key(label) for label in draft.options]:
            return before
        keys: list[str] = []
        for number, label in enumerate(draft.options, start=1):
            key = slugify(label, max_length=MAX_OPTION_NAME).replace("-", "_") or f"option{number}"
            keys.append(key if key not in keys else f"{key}_{number}")
        for variant in there:
            variant.options = {new: variant.options.get(old, "") for old, new in zip(before, keys, strict=True)}
        if there and keys != before:
            plan.others = there
            plan.changed.add("options")
        return keys

    def _plan_variant(self, item: VariantPlan, keys: Sequence[str], position: int, shelf: ExistingProducts) -> None:
        variant, told = item.variant, item.draft
        fields = dict(told.fields) | {"position": position, "archived_at": None}
        if keys:
            fields |= {"options": dict(zip(keys, told.values, strict=True)), "title": " / ".join(told.values)[:255]}
        if fields.get("price_amount", 0) is None:  # not a price, so the product is refused
            del fields["price_amount"]
        price = fields.get("price_amount", variant.price_amount) or 0
        compare_at = fields.get("compare_at_amount", variant.compare_at_amount)
        # A former price that is not above the price means nothing.
        fields["compare_at_amount"] = compare_at if compare_at and compare_at > price else None
        if told.tax_rate_bps is not None:
            was_taxed = not item.is_new and variant.tax_rate_bps > 0
            fields["tax_rate_bps"] = told.tax_rate_bps
            if told.tax_rate_bps < 0:
                fields["tax_rate_bps"] = variant.tax_rate_bps if was_taxed else self.tax_rate_bps
        if told.image is not None:
            asset = shelf.asset(told.image) if told.image else None
            fields["picture_id"] = asset.pk if asset else None
        assign(variant, fields, item.changed)
        # A variant that was never counted is out of stock, not untracked.
        before = shelf.terms.get(variant.pk) or (None if item.is_new else (True, "deny"))
        is_tracked, policy = before or (told.quantity is not None, "deny")
        terms = (is_tracked if told.is_tracked is None else told.is_tracked, told.policy or policy)
        if terms != before and not (terms[1] == "backorder" and before == (terms[0], "preorder")):
            item.terms = terms
        kept_before = shelf.stored_cells.get(variant.pk, {})
        kept = {header: cell for header, cell in {**kept_before, **told.stored_cells}.items() if cell}
        item.stored_cells = kept if kept != kept_before else None

    def _plan_pictures(self, plan: Plan, shelf: ExistingProducts) -> None:
        """Those of the file, in its order, then what was there before: a file takes no picture away."""
        there = {picture.asset_id: picture for picture in shelf.pictures.get(plan.product.pk, [])}
        named: dict[Any, str] = {}
        for image in plan.draft.images:
            asset = shelf.asset(image.url, alt=image.alt)
            named[asset.pk] = "" if asset.alt == image.alt else image.alt
        for source, alt in plan.draft.story_pictures.items():
            shelf.asset(source, alt=alt)  # fetched like the others, and shown in the description
        before = sorted(there, key=lambda pk: there[pk].position)
        for position, pk in enumerate([*named, *(pk for pk in before if pk not in named)], start=1):
            picture = there.get(pk)
            alt = named.get(pk, picture.alt if picture else "")
            if picture is None or (picture.position, picture.alt) != (position, alt):
                made = picture or ProductPicture(product=plan.product, asset_id=pk)
                made.position, made.alt = position, alt
                plan.pictures.append(made)

    def _report_redirects(self, plans: Sequence[Plan]) -> None:
        """A redirect goes when a product gets its address."""
        if not plans:
            return
        rows = Redirect.objects.filter(kind="product", slug__in=[plan.product.slug for plan in plans])
        names = dict(rows.values_list("slug", "product__name"))
        for plan in plans:
            if name := names.get(plan.product.slug):
                said = f"This address redirected to {name}; it leads to the new product now."
                plan.findings.append(
                    Finding(plan.draft.row, CLASSIC_HEADERS["handle"], said, plan.draft.handle, is_fatal=False)
                )

    def _set_outcome(self, plan: Plan) -> None:
        is_touched = plan.changed or plan.pictures or any(item.outcome != "unchanged" for item in plan.variants)
        if plan.outcome == "unchanged" and is_touched:
            plan.outcome = "changed"

    # -- writing

    def _write(self, plans: Sequence[Plan], shelf: ExistingProducts) -> None:
        if not plans:
            return
        self._create_attributes(plans)
        shelf.save_assets()
        Product.objects.bulk_create([plan.product for plan in plans if plan.outcome == "created"])
        changed = [plan.product for plan in plans if plan.outcome == "changed"]
        names = set().union(*(plan.changed for plan in plans if plan.outcome == "changed"))
        _bulk_update(changed, {*names, "updated_at"})
        self._write_variants(plans)
        pictures = [picture for plan in plans for picture in plan.pictures]
        for picture in pictures:
            picture.product_id = picture.product.pk
        _bulk_update([picture for picture in pictures if picture.pk], {"position", "alt"})
        ProductPicture.objects.bulk_create([picture for picture in pictures if not picture.pk])
        refresh_projections([plan.product.pk for plan in plans])
        audit_log.record_many(
            actor=self.actor,
            entries=[
                (f"products.import_{plan.outcome}", f"product:{plan.product.slug}", {"name": plan.product.name})
                for plan in plans
            ],
        )

    def _write_variants(self, plans: Sequence[Plan]) -> None:
        items = [item for plan in plans for item in plan.variants]
        new = [item for item in items if item.is_new]
        for item in new:
            item.variant.product_id = item.variant.product.pk
        Variant.objects.bulk_create([item.variant for item in new])
        changed = [item for item in items if item.changed and not item.is_new]
        _bulk_update([item.variant for item in changed], {"updated_at"}.union(*(item.changed for item in changed)))
        _bulk_update([variant for plan in plans for variant in plan.others], {"options", "updated_at"})
        inventory.create_stock(
            (
                inventory.InitialStock(
                    item.variant.pk,
                    is_tracked=item.terms[0],
                    policy=item.terms[1],
                    on_hand=max(item.draft.quantity or 0, -(2**31) if item.terms[1] != "deny" else 0),
                )
                for item in new
                if item.terms
            ),
            note="Import",
            actor=self.actor,
        )
        for item in items:
            if item.terms and not item.is_new:
                inventory.set_terms(item.variant.pk, is_tracked=item.terms[0], policy=item.terms[1])
        StoredCells.objects.bulk_create(
            [
                StoredCells(variant_id=item.variant.pk, cells=item.stored_cells)
                for item in items
                if item.stored_cells is not None
            ],
            update_conflicts=True,
            unique_fields=["variant"],
            update_fields=["cells"],
        )

    def _create_attributes(self, plans: Iterable[Plan]) -> None:
        """Attributes that the shop doesn't know yet, and which column each came from."""
        headers: dict[str, str] = {}
        for plan in plans:
            for name, told in plan.draft.attributes.items():
                is_ours = "product.metafields.noirel_" in told.header.casefold()
                if told.value is not None and name not in self._headers and not is_ours:
                    headers[name] = told.header
        if self._undefined:
            Attribute.objects.bulk_create(self._undefined.values(), ignore_conflicts=True)
            self._undefined = {}
        if headers:
            MetafieldColumn.objects.bulk_create(
                [MetafieldColumn(attribute=name, header=header) for name, header in headers.items()], ignore_conflicts=True
            )
            self._headers |= set(headers)


def _bulk_update(rows: Sequence[models.Model], names: Collection[str]) -> None:
    """These columns of rows that are there: one statement."""
    if not rows:
        return
    model = type(rows[0])
    table, key = model._meta.db_table, model._meta.pk.column
    into = ", ".join(f"{name} = given.{name}" for name in sorted(names))
    prepared.execute(  # names of our own models
        f"UPDATE {table} AS kept SET {into} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS given"
        f" WHERE kept.{key} = given.{key}",
        f"[{','.join(prepared.row_json(row) for row in rows)}]",
    )
