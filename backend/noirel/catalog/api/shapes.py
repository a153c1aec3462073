"""The catalogue's shapes in the schema, and the staff's input."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from noirel.catalog.option_values import MAX_OPTION_VALUE, option_key, option_value
from noirel.catalog.visibility import Visibility
from noirel.content.shapes import PictureOut
from noirel.core.http import In, MoneyField, MoneyOut, Out, SlugField, TextIn, page_of


class RatingOut(Out):
    average = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()


class PriceRangeOut(Out):
    min = MoneyOut()
    max = MoneyOut()


class ProductCardOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    subtitle = serializers.CharField()
    category = serializers.CharField(allow_null=True)
    price_range = PriceRangeOut()
    compare_at = MoneyOut(allow_null=True)
    images = PictureOut(many=True)
    badges = serializers.ListField(child=serializers.ChoiceField(choices=["new", "best_seller", "sale", "low_stock"]))
    rating = RatingOut()
    in_stock = serializers.BooleanField()
    attributes = serializers.DictField(child=serializers.JSONField())


class FacetValueOut(Out):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class FacetOut(Out):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    values = FacetValueOut(many=True)
    min = MoneyOut(allow_null=True)
    max = MoneyOut(allow_null=True)


class ProductListOut(Out):
    results = ProductCardOut(many=True)
    next = serializers.CharField(allow_null=True)
    total = serializers.IntegerField()
    facets = FacetOut(many=True)
    did_you_mean = serializers.CharField(
        allow_null=True, help_text="What was searched for instead, where nothing on show has the words that were asked for."
    )
    ignored = serializers.ListField(
        child=serializers.CharField(),
        help_text="Words of the search that nothing on show has, left out because something has the others.",
    )
    nearest = ProductCardOut(many=True, help_text="Where a search has found nothing: what comes nearest.")


class AvailabilityOut(Out):
    in_stock = serializers.BooleanField(
        help_text="Whether it can be bought. False for a variant priced 0: it is not sold on its own, whatever its stock."
    )
    quantity = serializers.IntegerField(allow_null=True, help_text="Null where stock is not tracked.")
    policy = serializers.ChoiceField(choices=["deny", "backorder", "preorder"])
    expected_on = serializers.DateField(allow_null=True)


class VariantDropOut(Out):
    """The launch a variant is sold in."""

    slug = serializers.CharField()
    name = serializers.CharField()
    mode = serializers.ChoiceField(choices=["first_come", "lottery"])
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(allow_null=True)
    per_person = serializers.IntegerField()
    hold_seconds = serializers.IntegerField()


class VariantOut(Out):
    sku = serializers.CharField()
    title = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    price = MoneyOut()
    compare_at = MoneyOut(allow_null=True)
    availability = AvailabilityOut()
    weight_grams = serializers.IntegerField(allow_null=True)
    barcode = serializers.CharField()
    image = serializers.UUIDField(allow_null=True)
    drop = VariantDropOut(allow_null=True)
    attributes = serializers.DictField(child=serializers.JSONField())


class OptionOut(Out):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    values = serializers.ListField(child=serializers.CharField())


class AttributeDefinitionOut(Out):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.ChoiceField(choices=["text", "number", "list", "colour", "json"])


class BreadcrumbOut(Out):
    name = serializers.CharField()
    slug = serializers.CharField()


class SeoOut(Out):
    title = serializers.CharField()
    description = serializers.CharField()
    canonical = serializers.CharField(help_text="Empty: its own address.")
    image = PictureOut(allow_null=True)


class ProductOut(ProductCardOut):
    story = serializers.CharField(help_text="Sanitised HTML.")
    vendor = serializers.CharField()
    options = OptionOut(many=True)
    variants = VariantOut(many=True)
    attribute_definitions = AttributeDefinitionOut(many=True)
    breadcrumbs = BreadcrumbOut(many=True)
    seo = SeoOut()
    related = ProductCardOut(many=True)
    published_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SubcategoryOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    story = serializers.CharField()
    product_count = serializers.IntegerField()
    children = serializers.ListField(child=serializers.DictField())


class CategoryOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    story = serializers.CharField()
    product_count = serializers.IntegerField()
    children = SubcategoryOut(many=True)


class ListSeoOut(Out):
    title = serializers.CharField()
    description = serializers.CharField()


class CategoryDetailOut(CategoryOut):
    breadcrumbs = BreadcrumbOut(many=True)
    seo = ListSeoOut()


class CollectionOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    story = serializers.CharField()
    product_count = serializers.IntegerField()
    image = PictureOut(allow_null=True)
    seo = ListSeoOut()


CategoryPageOut = page_of(CategoryOut)
CollectionPageOut = page_of(CollectionOut)


class SuggestedProductOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    subtitle = serializers.CharField()
    image = PictureOut(allow_null=True)


class SuggestionsOut(Out):
    products = SuggestedProductOut(many=True)
    categories = BreadcrumbOut(many=True)
    queries = serializers.ListField(child=serializers.CharField())


class AdminProductCardOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    subtitle = serializers.CharField()
    status = serializers.ChoiceField(choices=["draft", "active", "archived"])
    visibility = serializers.ChoiceField(
        choices=[str(value) for value in Visibility], help_text="Whether shoppers see it now: only what is live."
    )
    image = PictureOut(allow_null=True)
    price_range = PriceRangeOut()
    variant_count = serializers.IntegerField()
    available = serializers.IntegerField(allow_null=True)
    is_sample = serializers.BooleanField(help_text="It only goes along with an order, for nothing.")
    updated_at = serializers.DateTimeField()


class VariantInventoryOut(Out):
    on_hand = serializers.IntegerField(help_text="Units in the building, those of paid orders that have not shipped included.")
    reserved = serializers.IntegerField(help_text="Units held for checkouts that are not paid yet.")
    committed = serializers.IntegerField(help_text="Units of paid orders that have not shipped yet.")
    available = serializers.IntegerField(help_text="on_hand - reserved - committed.")
    tracked = serializers.BooleanField()
    policy = serializers.ChoiceField(choices=["deny", "backorder", "preorder"])


class AdminVariantOut(VariantOut):
    tax_rate_bps = serializers.IntegerField()
    archived_at = serializers.DateTimeField(allow_null=True)
    inventory = VariantInventoryOut()
    updated_at = serializers.DateTimeField()


class NamedProductOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=["draft", "active", "archived"])


class StandsInOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    is_ruled = serializers.BooleanField()


class AdminProductOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    subtitle = serializers.CharField()
    story = serializers.CharField()
    vendor = serializers.CharField()
    status = serializers.ChoiceField(choices=["draft", "active", "archived"])
    visibility = serializers.ChoiceField(
        choices=[str(value) for value in Visibility], help_text="Whether shoppers see it now: only what is live."
    )
    category = serializers.CharField(allow_null=True)
    attributes = serializers.DictField(child=serializers.JSONField())
    seo = SeoOut()
    tags = serializers.ListField(child=serializers.CharField())
    options = OptionOut(many=True)
    images = PictureOut(many=True)
    related = serializers.ListField(child=serializers.CharField())
    related_products = NamedProductOut(many=True)
    collections = StandsInOut(many=True)
    is_listed = serializers.BooleanField(help_text="False: it can be had, but stands in no list.")
    variants = AdminVariantOut(many=True)
    published_at = serializers.DateTimeField(allow_null=True)
    unpublish_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class VariantIn(In):
    sku = serializers.CharField(max_length=64, required=False)
    attributes = serializers.DictField(child=serializers.JSONField(), required=False)
    price = MoneyField(required=False)
    compare_at = MoneyField(allow_null=True, required=False)
    barcode = serializers.CharField(max_length=64, allow_blank=True, required=False)
    weight_grams = serializers.IntegerField(min_value=0, max_value=10_000_000, allow_null=True, required=False)
    tax_rate_bps = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    image = serializers.UUIDField(allow_null=True, required=False, help_text="The picture shown once it is chosen.")


class VariantChangeIn(In):
    sku = serializers.CharField(max_length=64, help_text="The one it has.")
    change = VariantIn()


class SeoIn(In):
    title = serializers.CharField(max_length=255, allow_blank=True)
    description = serializers.CharField(max_length=1000, allow_blank=True)
    canonical = serializers.URLField(max_length=500, allow_blank=True, required=False)
    image = serializers.UUIDField(allow_null=True, required=False)


class ProductIn(In):
    name = serializers.CharField(max_length=255)
    slug = SlugField(max_length=200, required=False)
    published_at = serializers.DateTimeField(allow_null=True, required=False)
    unpublish_at = serializers.DateTimeField(allow_null=True, required=False)
    related = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=4, required=False, help_text="Slugs, in order."
    )
    subtitle = serializers.CharField(max_length=255, allow_blank=True, required=False)
    story = serializers.CharField(max_length=100_000, allow_blank=True, required=False)
    vendor = serializers.CharField(max_length=255, allow_blank=True, required=False)
    status = serializers.ChoiceField(choices=["draft", "active", "archived"], required=False)
    category = serializers.CharField(max_length=120, allow_null=True, required=False)
    attributes = serializers.DictField(child=serializers.JSONField(), required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=120), max_length=250, required=False)
    is_listed = serializers.BooleanField(required=False)
    collections = serializers.ListField(
        child=serializers.CharField(max_length=120), max_length=250, required=False, help_text="By hand: these and no others."
    )
    seo = SeoIn(required=False)
    images = serializers.ListField(
        child=serializers.UUIDField(), max_length=250, required=False, help_text="Ids of media, in order: these and no others."
    )


class ProductChangeIn(ProductIn):
    variants = serializers.ListField(
        child=VariantChangeIn(), max_length=500, required=False, help_text="Those that change, with what changes."
    )


class ProductsWhereIn(TextIn):
    q = serializers.CharField(max_length=400, required=False, allow_blank=True)
    status = serializers.ChoiceField(choices=["draft", "active", "archived"], required=False)
    category = serializers.CharField(max_length=120, required=False, help_text="With all below it.")
    collection = serializers.CharField(max_length=120, required=False)
    in_stock = serializers.BooleanField(required=False)
    sample = serializers.BooleanField(required=False, help_text="Free samples, or what is sold; without it both.")


class MissingVariantsIn(In):
    price = MoneyField()


class StoryIn(In):
    story = serializers.CharField(max_length=100_000, allow_blank=True)


class StoryOut(Out):
    story = serializers.CharField(help_text="What is kept of it.")


class NewProductIn(ProductIn):
    slug = SlugField(max_length=200, required=False, default="")
    sku = serializers.CharField(max_length=64)
    price = MoneyField()


class OptionValueField(serializers.CharField):
    """A value or label of an option, in the spelling that is stored (catalog/option_values.py)."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(option_value(data) if isinstance(data, str) else data)


class OptionIn(In):
    name = SlugField(max_length=60, any_case=True)
    label = OptionValueField(max_length=120)  # type: ignore[assignment]
    values = serializers.ListField(child=OptionValueField(max_length=MAX_OPTION_VALUE), min_length=1, max_length=250)
    was = serializers.CharField(max_length=120, required=False, help_text="The name it had.")
    renamed = serializers.DictField(
        child=OptionValueField(max_length=MAX_OPTION_VALUE), required=False, help_text="Values that have another name now."
    )


class OptionsIn(In):
    options = OptionIn(many=True)

    def validate_options(self, value: list[dict[str, object]]) -> list[dict[str, object]]:
        if len(value) > 10:
            raise serializers.ValidationError("10 at most.")
        names = [option["name"] for option in value]
        if len(set(names)) < len(names):
            raise serializers.ValidationError("Each option once.")
        labels = [str(option["label"]) for option in value]
        if twin := _repeated(labels):
            raise serializers.ValidationError(f"Two options are called {twin}.")
        for option in value:
            if twin := _repeated(option["values"]):  # type: ignore[arg-type]
                raise serializers.ValidationError(
                    f"{option['label']} has {twin} twice: capitals and spaces make no other value."
                )
        return value


def _repeated(values: Iterable[str]) -> str | None:
    """The first value that another one before it equals."""
    seen: set[str] = set()
    for value in values:
        if (key := option_key(value)) in seen:
            return value
        seen.add(key)
    return None


class NewVariantIn(In):
    sku = serializers.CharField(max_length=64)
    price = MoneyField()
    options = serializers.DictField(child=OptionValueField(max_length=MAX_OPTION_VALUE))
