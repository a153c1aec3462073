"""What we sell. Reads go to columns that are written when a fact changes: `card`, `page`, `search_text`, `in_stock`."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Now

from noirel.content.models import MediaAsset
from noirel.core.db.fields import JSONText

STORY_PICTURE = "<img "  # every story that shows a picture contains this; sanitised HTML has no other spelling


class Category(models.Model):
    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=120)
    story = models.TextField(blank=True)
    # No category stands below itself: a trigger refuses it, also when two are moved at once (0007_shape).
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    position = models.PositiveIntegerField(default=0)
    seo_title = models.CharField(max_length=255, blank=True, default="", db_default="")
    seo_description = models.CharField(max_length=1000, blank=True, default="", db_default="")
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.slug


class Attribute(models.Model):
    """A fact that a shop's products may have: the house's hour, a shirt's cloth."""

    class Type(models.TextChoices):
        TEXT = "text"
        NUMBER = "number"
        LIST = "list"
        COLOUR = "colour"
        JSON = "json"

    name = models.SlugField(max_length=60, unique=True)
    label = models.CharField(max_length=120)
    type = models.CharField(max_length=8, choices=Type, default=Type.TEXT)
    is_facet = models.BooleanField(default=False)
    is_on_card = models.BooleanField(default=False)
    is_of_variant = models.BooleanField(default=False, db_default=False)  # told of each variant, not of the product
    choices = models.JSONField(default=list, blank=True, db_default=Value([], models.JSONField()))  # empty: anything that fits
    position = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        ARCHIVED = "archived"

    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    name = models.CharField(max_length=255)
    subtitle = models.CharField(max_length=255, blank=True)
    story = models.TextField(blank=True)  # sanitised HTML
    vendor = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    is_listed = models.BooleanField(default=True)  # a sample can be had, but stands in no list
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")
    attributes = models.JSONField(default=dict, blank=True)
    options = models.JSONField(default=list, blank=True)  # [{"name", "label", "values"}]
    tags = models.JSONField(default=list, blank=True)
    seo_title = models.CharField(max_length=255, blank=True)
    seo_description = models.CharField(max_length=1000, blank=True)
    seo_canonical = models.CharField(max_length=500, blank=True, default="", db_default="")  # empty: its own address
    seo_picture = models.ForeignKey(MediaAsset, models.SET_NULL, null=True, blank=True, related_name="+")  # none: its first
    is_best_seller = models.BooleanField(default=False)
    units_sold = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    unpublish_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # Written by services.present, from the rows beside it; never by hand.
    currency = models.CharField(max_length=3, default="INR")
    min_price_amount = models.BigIntegerField(default=0)
    max_price_amount = models.BigIntegerField(default=0)
    in_stock = models.BooleanField(default=False)
    is_on_sale = models.BooleanField(default=False, db_default=False)  # a variant has a former price above its own
    is_low_stock = models.BooleanField(default=False, db_default=False)  # of each variant that can be had, only a few are left
    search_text = models.TextField(default="", blank=True)
    card = JSONText(default=dict, blank=True)
    page = JSONText(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["draft", "active", "archived"]), name="product_status_known"),
            models.CheckConstraint(
                condition=Q(unpublish_at=None) | Q(published_at=None) | Q(unpublish_at__gt=F("published_at")),
                name="product_ends_after_it_begins",
            ),
        ]
        indexes = [
            GinIndex(fields=["attributes"], opclasses=["jsonb_path_ops"], name="product_attributes"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="product_search"),
            models.Index(fields=["-published_at", "-id"], condition=Q(status="active", is_listed=True), name="product_newest"),
            models.Index(
                fields=["min_price_amount", "id"], condition=Q(status="active", is_listed=True), name="product_by_price"
            ),
            # What stands beside a product on its page: of its category, else of the others.
            models.Index(
                fields=["category", "-in_stock", "-published_at", "id"],
                condition=Q(status="active", is_listed=True),
                name="product_in_category",
            ),
            models.Index(
                fields=["-in_stock", "-published_at", "id"],
                condition=Q(status="active", is_listed=True),
                name="product_to_be_had",
            ),
            models.Index(fields=["-units_sold", "-id"], condition=Q(status="active", is_listed=True), name="product_by_sales"),
            models.Index(fields=["unpublish_at"], condition=Q(unpublish_at__isnull=False), name="product_ends"),
            models.Index(fields=["published_at"], condition=Q(status="active"), name="product_begins"),
            # When a picture has been fetched: whose story shows it?
            models.Index(fields=["id"], condition=Q(story__contains=STORY_PICTURE), name="product_story_pictures"),
        ]

    @property
    def is_sample(self) -> bool:
        """Whether it only goes along with an order, for nothing; `selectors_staff.is_sample` asks the same of the database."""
        return not self.is_listed and self.max_price_amount == 0

    def __str__(self) -> str:
        return self.slug


class ProductWords(models.Model):
    """What a product is found by: its words without accents or signs, written by services.present.

    A row of its own, so that who counts what is found does not read whole documents. Beside these it has `head` and `lexemes`,
    which PostgreSQL makes (search/words_sql.py).
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="words")
    language = models.CharField(max_length=20)  # a text search configuration of PostgreSQL's: what was stemmed by it
    name = models.TextField()
    said = models.TextField()  # the name, what stands beside it, tags and attributes; the story has lexemes only
    source = models.UUIDField()  # of the facts it was made from (search/words_sql.py): what the audit compares

    def __str__(self) -> str:
        return self.name


class Word(models.Model):
    """A word of what is on show, and of how many products: for what is half typed, or mistyped. Counted by a job."""

    word = models.CharField(max_length=40, primary_key=True, db_collation="C")
    products = models.PositiveIntegerField()

    class Meta:
        indexes = [
            # Without a list of what is not sorted in yet: the planner would count it in, and read all words instead.
            GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], fastupdate=False, name="word_likeness"),
            models.Index(Length("word"), name="word_length"),
        ]

    def __str__(self) -> str:
        return self.word


class Synonym(models.Model):
    """Words that mean the same: who searches for one finds what has any of them."""

    terms = models.JSONField()  # ["oud", "agarwood", "aloes wood"], as staff wrote them
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return ", ".join(self.terms)


class Boost(models.Model):
    """A product that staff have put further up or down: in every search, or in those for one query."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    query = models.CharField(max_length=200, blank=True)  # folded; empty: every search
    weight = models.DecimalField(max_digits=3, decimal_places=1)  # 1: as much as a whole step of the ranking
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["query", "-weight", "id"]
        constraints = [
            models.UniqueConstraint(fields=["query", "product"], name="boost_once"),
            models.CheckConstraint(condition=Q(weight__gte=-5) & Q(weight__lte=5), name="boost_bounded"),
        ]

    def __str__(self) -> str:
        return f"{self.query or '*'} {self.product_id} {self.weight}"


class ProductPicture(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="pictures")
    asset = models.ForeignKey(MediaAsset, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    alt = models.CharField(max_length=400, blank=True)  # of the picture on this product; empty: the picture's own

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["product", "asset"], name="product_picture_once")]

    def __str__(self) -> str:
        return f"{self.product_id} {self.position}"


class Variant(models.Model):
    """What is bought. `available` (None: not tracked), `on_hand` and `committed` are copies that inventory writes:
    services.set_availability.

    `drop` is the terms of the launch it is sold in, drops' to write: services.drop.set_drop.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=255, blank=True)  # the values of its options; empty for a product without any
    options = models.JSONField(default=dict, blank=True)
    attributes = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    archived_at = models.DateTimeField(null=True, blank=True)  # no longer offered; orders and stock keep it
    price_amount = models.BigIntegerField()
    compare_at_amount = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    tax_rate_bps = models.PositiveIntegerField(default=1800)
    weight_grams = models.PositiveIntegerField(null=True, blank=True)
    barcode = models.CharField(max_length=64, blank=True)
    position = models.PositiveIntegerField(default=0)
    picture = models.ForeignKey(MediaAsset, models.SET_NULL, null=True, blank=True, related_name="+")
    available = models.IntegerField(null=True, blank=True, default=0)
    on_hand = models.IntegerField(default=0)
    committed = models.IntegerField(default=0, db_default=0)
    in_stock = models.BooleanField(default=False)
    policy = models.CharField(max_length=9, default="deny")
    expected_on = models.DateField(null=True, blank=True)
    drop = models.JSONField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price_amount__gte=0), name="variant_price_not_negative"),
            models.CheckConstraint(
                condition=Q(compare_at_amount=None) | Q(compare_at_amount__gt=F("price_amount")),
                name="variant_compare_at_above_price",
            ),
            models.UniqueConstraint(
                fields=["product", "options"], condition=Q(archived_at=None), name="variant_combination_once"
            ),
        ]

    def __str__(self) -> str:
        return self.sku


class RelatedProduct(models.Model):
    """Chosen by hand to stand beside a product; what is missing to four is filled up by the reader."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="related")
    other = models.ForeignKey(Product, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "other"], name="related_product_once"),
            models.CheckConstraint(condition=~Q(product=F("other")), name="related_product_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.position}"


class Collection(models.Model):
    """A set in an order of its own, or of what meets its rules: then services.collections keeps its items."""

    class Match(models.TextChoices):
        ALL = "all"
        ANY = "any"

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=120)
    story = models.TextField(blank=True)
    picture = models.ForeignKey(MediaAsset, models.SET_NULL, null=True, blank=True, related_name="+")
    position = models.PositiveIntegerField(default=0)
    rules = models.JSONField(null=True, blank=True)  # None: by hand; else [{"field", "is", "value"}]
    match = models.CharField(max_length=3, choices=Match, default=Match.ALL, db_default=Match.ALL)
    seo_title = models.CharField(max_length=255, blank=True, default="", db_default="")
    seo_description = models.CharField(max_length=1000, blank=True, default="", db_default="")
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.slug


class CollectionItem(models.Model):
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["collection", "product"], name="collection_item_once")]

    def __str__(self) -> str:
        return f"{self.collection_id} {self.position}"


class CountedSale(models.Model):
    """An order whose units are in `units_sold` already: the event may come twice."""

    reference = models.CharField(max_length=40, primary_key=True)
    counted_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.reference


class SoldUnits(models.Model):
    """Units of a product that were paid for on a day (UTC): what makes a best seller."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    day = models.DateField()
    units = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "day"], name="sold_units_once")]
        indexes = [models.Index(fields=["day"], name="sold_units_by_day")]

    def __str__(self) -> str:
        return f"{self.product_id} {self.day}"


class Redirect(models.Model):
    """An address that something had. It names the row, not the next address: so there are no chains.

    Written by triggers when a slug changes (0007_shape), and taken away when something else begins to live there.
    """

    kind = models.CharField(max_length=10)  # product, category or collection
    slug = models.CharField(max_length=200)
    product = models.ForeignKey(Product, models.CASCADE, null=True, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, null=True, related_name="+")
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="redirect_once")]

    def __str__(self) -> str:
        return f"{self.kind}/{self.slug}"
