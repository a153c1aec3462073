"""Brings drafts of products into the catalogue: each one whole or not at all, and the same one twice changes nothing."""

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django.db import transaction
from django.utils import timezone

from noirel.backoffice.imports.shopify import Finding, ProductDraft, VariantDraft
from noirel.catalog.models import Attribute, Category, Product, ProductPicture, Variant
from noirel.catalog.present import slugged
from noirel.catalog.services.present import present
from noirel.catalog.services.products import sanitise
from noirel.content.models import MediaAsset
from noirel.content.remote import HostUnreachable, PictureRefused, fetch_picture
from noirel.content.services import keep_picture, render_picture
from noirel.core import audit
from noirel.core.viewer import Viewer
from noirel.inventory import services as inventory
from noirel.inventory.models import StockItem

MAX_SKU = 64


@dataclass(slots=True)
class Report:
    """What an import did. counts has keys like `products_created`, `variants_unchanged`, `images_found`."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class Importer:
    """One run over one file. Prices are in `currency`, which the file doesn't name.

    Stock begins at the file's quantity when a variant is made; a later run leaves it alone, since it has sold since.
    """

    currency: str
    actor: Viewer
    tax_rate_bps: int = 1800
    with_pictures: bool = True
    report: Report = field(default_factory=Report)
    _dead_hosts: set[str] = field(default_factory=set)
    _skus: set[str] = field(default_factory=set)  # given away in this run

    def refuse(self, findings: list[Finding]) -> None:
        self.report.findings += findings
        self.report.counts["products_refused"] += 1

    def bring_in(self, draft: ProductDraft) -> None:
        """Make or change one product. Pictures are fetched first, outside the transaction; locks the product's row."""
        counts = self.report.counts
        counts["images_found"] += len(draft.images)
        assets = self._pictures(draft) if self.with_pictures else {}
        told: Counter[str] = Counter()
        findings: list[Finding] = []
        with transaction.atomic():
            outcome, variants = self._write(draft, assets, findings)
            told[f"products_{outcome}"] += 1
            told.update(f"variants_{v}" for v in variants)
        counts.update(told)
        self.report.findings += findings

    # -- pictures

    def _pictures(self, draft: ProductDraft) -> dict[str, MediaAsset]:
        wanted = {image.url: (image.row, image.alt) for image in reversed(draft.images)}
        for variant in draft.variants:
            if variant.image:
                wanted.setdefault(variant.image, (variant.row, ""))
        known = {asset.source: asset for asset in MediaAsset.objects.filter(source__in=list(wanted))}
        for url, (row, alt) in wanted.items():
            asset = known.get(url)
            if asset is None or not asset.renditions:
                shown = self._fetch(url, row, draft.slug)
                if len(url) > 1000:
                    continue
                asset = keep_picture(source=url, alt=alt[:400], **shown)
            elif alt and asset.alt != alt[:400]:
                asset = keep_picture(source=url, alt=alt[:400])
            known[url] = asset
        return known

    def _fetch(self, url: str, row: int, handle: str) -> dict[str, Any]:
        """The asset's fields, or none and a line in the report: a missing picture stops nobody from buying."""
        host = url.split("/", 3)[2] if url.count("/") >= 2 else url
        try:
            if len(url) > 1000:
                raise PictureRefused("The address is longer than 1,000 characters.")
            if host in self._dead_hosts:
                raise HostUnreachable(f"{host} can't be reached.")
            shown = render_picture(fetch_picture(url))
        except PictureRefused as refused:
            if isinstance(refused, HostUnreachable):
                self._dead_hosts.add(host)
            self.report.counts["images_unreachable"] += 1
            self.report.findings.append(Finding(row, "Image Src", f"{url[:200]}: {refused}", handle, is_fatal=False))
            return {}
        self.report.counts["images_stored"] += 1
        return shown

    # -- rows

    def _write(self, draft: ProductDraft, assets: dict[str, MediaAsset], findings: list[Finding]) -> tuple[str, list[str]]:
        product = Product.objects.select_for_update().filter(slug=draft.slug).first()
        is_new = product is None
        if product is None:
            product = Product(slug=draft.slug, currency=self.currency)
        before = None if is_new else self._state(product)
        fields = dict(draft.fields)
        if "story" in fields:
            fields["story"] = sanitise(str(fields["story"]))
        for name, value in fields.items():
            setattr(product, name, value)
        if draft.categories is not None:
            product.category = _category(draft.categories)
        product.attributes = {**product.attributes, **{name: value for name, (_, value) in draft.attributes.items()}}
        product.options = draft.options
        if product.status == Product.Status.ACTIVE and product.published_at is None:
            product.published_at = timezone.now()
        for name, (label, value) in draft.attributes.items():
            kind = Attribute.Type.LIST if isinstance(value, list) else Attribute.Type.TEXT
            Attribute.objects.get_or_create(name=name, defaults={"label": label, "type": kind, "position": 100})
        if is_new:
            product.save()
        outcomes = [self._write_variant(product, variant, at, assets, findings) for at, variant in enumerate(draft.variants, 1)]
        self._write_pictures(product, draft, assets)
        if not is_new and self._state(product) == before:
            return "unchanged", outcomes
        if not is_new:
            product.save()
        present(product.pk)
        outcome = "created" if is_new else "changed"
        audit.record(
            actor=self.actor,
            action=f"products.import_{outcome}",
            target=f"product:{product.slug}",
            after={"name": product.name},
        )
        return outcome, outcomes

    def _write_variant(
        self, product: Product, draft: VariantDraft, position: int, assets: dict[str, MediaAsset], findings: list[Finding]
    ) -> str:
        variant = next((v for v in Variant.objects.filter(product=product) if v.options == draft.options), None)
        is_new = variant is None
        if variant is None:
            variant = Variant(product=product, options=draft.options)
        before = None if is_new else _values(variant)
        sku = self._sku(product, draft, variant)
        if sku != draft.sku and is_new:
            said = f"{draft.sku!r} is taken" if draft.sku else "None given"
            findings.append(Finding(draft.row, "Variant SKU", f"{said}; it is called {sku}.", product.slug, is_fatal=False))
        picture = assets.get(draft.image) if draft.image else None
        variant.sku, variant.title, variant.barcode = sku, draft.title, draft.barcode
        variant.price_amount, variant.compare_at_amount, variant.currency = (
            draft.price_amount,
            draft.compare_at_amount,
            self.currency,
        )
        variant.weight_grams, variant.position = draft.weight_grams, position
        variant.picture = picture or variant.picture
        if is_new:
            variant.tax_rate_bps = self.tax_rate_bps
            variant.save()
        elif _values(variant) != before:
            variant.save()
        is_moved = self._write_stock(variant, draft, is_new=is_new)
        if is_new:
            return "created"
        return "changed" if is_moved or _values(variant) != before else "unchanged"

    def _write_stock(self, variant: Variant, draft: VariantDraft, *, is_new: bool) -> bool:
        """How it is counted, and what it begins with; whether that changed something."""
        terms = StockItem.objects.filter(pk=variant.pk).values_list("is_tracked", "policy").first()
        if terms == (draft.is_tracked, draft.policy):
            return False
        inventory.set_terms(variant.pk, is_tracked=draft.is_tracked, policy=draft.policy)
        quantity = draft.quantity or 0
        if quantity < 0 and draft.policy == "deny":
            quantity = 0
        if is_new and draft.is_tracked and quantity:
            inventory.adjust(variant.sku, delta=quantity, reason="counted", note="Shopify import", actor=self.actor)
        return True

    def _sku(self, product: Product, draft: VariantDraft, variant: Variant) -> str:
        """The file's SKU if it is free, else one made of handle and options: the same on every run."""
        made = _made_sku(product.slug, draft.options)
        for sku in (draft.sku, made[0], made[1]):
            if not sku or len(sku) > MAX_SKU or sku in self._skus:
                continue
            if Variant.objects.filter(sku=sku).exclude(pk=variant.pk).exists():
                continue
            self._skus.add(sku)
            return sku
        return made[1]

    def _write_pictures(self, product: Product, draft: ProductDraft, assets: dict[str, MediaAsset]) -> None:
        """Those of the file, in its order, then what was there before: a file takes no picture away."""
        there = dict(ProductPicture.objects.filter(product=product).values_list("asset_id", "position"))
        named = list(dict.fromkeys(assets[image.url].pk for image in draft.images if image.url in assets))
        order = [*named, *(pk for pk in sorted(there, key=lambda pk: there[pk]) if pk not in named)]
        for position, pk in enumerate(order, start=1):
            if there.get(pk) != position:
                ProductPicture.objects.update_or_create(product=product, asset_id=pk, defaults={"position": position})

    def _state(self, product: Product) -> list[Any]:
        """Everything of a product that an import may change, to tell changed from unchanged."""
        columns = (
            "name", "story", "vendor", "seo_title", "seo_description", "tags", "status", "category_id", "attributes", "options",
        )  # fmt: skip
        pictures = ProductPicture.objects.filter(product=product).order_by("position")
        stored = Variant.objects.filter(product=product).order_by("position", "pk")
        return [
            *(getattr(product, name) for name in columns),
            [(p.asset_id, p.asset.alt, bool(p.asset.renditions)) for p in pictures.select_related("asset")],
            [_values(variant) for variant in stored],
        ]


def _values(variant: Variant) -> tuple[Any, ...]:
    return (
        variant.sku, variant.title, variant.options, variant.barcode, variant.price_amount, variant.compare_at_amount,
        variant.currency, variant.weight_grams, variant.position, variant.picture_id,
    )  # fmt: skip


def _made_sku(slug: str, options: dict[str, str]) -> tuple[str, str]:
    """A readable SKU, and one with a mark of what it stands for in case the readable one is taken or was cut."""
    whole = slugged(" ".join([slug, *options.values()])).upper()
    mark = blake2b(repr((slug, sorted(options.items()))).encode(), digest_size=5).hexdigest().upper()
    marked = f"{whole[: MAX_SKU - len(mark) - 1]}-{mark}"
    return (whole if len(whole) <= MAX_SKU else marked), marked


def _category(names: list[str]) -> Category | None:
    """The category of this path, made where it is missing. Another path's end of the same name gets a longer slug."""
    parent: Category | None = None
    for at, name in enumerate(names):
        found = Category.objects.filter(parent=parent, name=name).first()
        if found is None:
            for slug in (slugged(name)[:110], slugged(" ".join(names[: at + 1]))[:110]):
                if slug and not Category.objects.filter(slug=slug).exists():
                    break
            else:
                slug = f"{slugged(name)[:90]}-{blake2b(repr(names[: at + 1]).encode(), digest_size=4).hexdigest()}"
            found = Category.objects.create(slug=slug, name=name, parent=parent, position=100)
        parent = found
    return parent
