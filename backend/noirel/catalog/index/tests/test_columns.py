"""The in-memory columns agree with the database, and lists, counts and rankings with a straightforward computation."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any
from unittest import mock

import numpy as np
import orjson
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from noirel.catalog.index import facets, listing, loader, ranking
from noirel.catalog.index.bitset import Bitset, pack_bits
from noirel.catalog.index.columns import CategoryNode, Columns, Definition, Taxonomy
from noirel.catalog.index.counts import total_and_facets
from noirel.catalog.index.facets import Facet
from noirel.catalog.index.filters import ListFilters
from noirel.catalog.index.ranking import Ranking
from noirel.catalog.jobs import delete_old_changes
from noirel.catalog.models import Attribute, Category, Collection, CollectionItem, Product, Variant
from noirel.core.domain.money import inr
from tests.make import make_variant

NOW = 800_000_000_000_000  # microseconds of PostgreSQL's clock: 2025
FAMILIES, NOTES, PLACES = ["woody", "floral", "amber"], ["rose", "iris", "oud", "fig"], [0, 1, 2, 3]
# 1 holds 2, which holds 3.
TREE = {n: CategoryNode(n, f"c{n}", f"C{n}", n - 1) for n in (1, 2, 3)}
LABELS = {"family": "Family", "note": "Note"}

Row = dict[str, Any]
rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 10**12),
            "shown": st.booleans() | st.just(True),
            "begins": st.sampled_from([NOW - 2, NOW - 1, NOW, NOW + 10**15]),
            "ends": st.sampled_from([2**63 - 1, NOW, NOW + 10**15]),
            "category": st.sampled_from(PLACES),
            "low": st.integers(0, 5),
            "more": st.integers(0, 3),
            "in_stock": st.booleans(),
            "best": st.booleans(),
            "sold": st.integers(0, 3),
            "family": st.sampled_from([*FAMILIES, None]),
            "note": st.sets(st.sampled_from(NOTES)),
        }
    ),
    max_size=25,
    unique_by=lambda row: row["id"],  # type: ignore[arg-type, return-value]
)
lists = st.builds(
    ListFilters,
    category=st.sampled_from(["", "", "c1", "c2", "c3", "nowhere"]),
    sort=st.sampled_from(["", "newest", "best_selling", "price", "-price"]),
    min_price=st.none() | st.integers(0, 8),
    max_price=st.none() | st.integers(0, 8),
    in_stock=st.none() | st.booleans(),
    badge=st.sampled_from(["", "", "best_seller"]),
    attributes=st.fixed_dictionaries(
        {},
        optional={
            "family": st.lists(st.sampled_from([*FAMILIES, "unheard of"]), min_size=1),
            "note": st.lists(st.sampled_from(NOTES), min_size=1),
        },
    ),
    limit=st.integers(1, 7),
)


def columns_of(rows: list[Row]) -> Columns:
    rows = sorted(rows, key=lambda row: row["id"])

    def facet(values: Callable[[Row], set[str]]) -> Facet:
        pairs = [(at, value) for at, row in enumerate(rows) for value in sorted(values(row))]
        names = sorted({value for _, value in pairs})
        return Facet.from_pairs(
            names, np.array([at for at, _ in pairs], np.int64), np.array([names.index(value) for _, value in pairs], np.int64)
        )

    def of(name: str) -> Any:
        return np.array([row[name] for row in rows], np.int64)

    return Columns(
        version=b"1", horizon=0, read_at=0, clock_offset=0, ids=of("id"), is_listed=of("shown").astype(bool),
        published_at=of("begins"), unpublish_at=of("ends"), category=of("category"), min_price=of("low"),
        max_price=np.array([r["low"] + r["more"] for r in rows], np.int64),
        in_stock=of("in_stock").astype(bool), is_best_seller=of("best").astype(bool), units_sold=of("sold"),
        currency=np.full(len(rows), int.from_bytes(b"INR", "big")), currencies=["INR"],
        facets={"family": facet(lambda row: {row["family"]} - {None}), "note": facet(lambda row: row["note"])},
        taxonomy=Taxonomy(TREE, {}, {}, [Definition("family", "Family", True), Definition("note", "Note", True)], {}, []),
    )  # fmt: skip


def meets(row: Row, wanted: ListFilters, *, but: str = "") -> bool:
    """A straightforward implementation of the filters."""
    above = {"c1": {1, 2, 3}, "c2": {2, 3}, "c3": {3}}
    return bool(
        row["shown"]
        and row["begins"] <= NOW < row["ends"]
        and (wanted.in_stock is None or row["in_stock"] == wanted.in_stock)
        and (not wanted.badge or row["best"])
        and (but == "category" or not wanted.category or row["category"] in above.get(wanted.category, ()))
        and (but == "price" or wanted.min_price is None or row["low"] + row["more"] >= wanted.min_price)
        and (but == "price" or wanted.max_price is None or row["low"] <= wanted.max_price)
        and (but == "family" or "family" not in wanted.attributes or row["family"] in wanted.attributes["family"])
        and (but == "note" or "note" not in wanted.attributes or row["note"] & set(wanted.attributes["note"]))
    )


def key_of(row: Row, wanted: ListFilters) -> tuple[int, int]:
    name, way = {"best_selling": ("sold", -1), "price": ("low", 1), "-price": ("low", -1)}.get(wanted.sort, ("begins", -1))
    return way * row[name], way * row["id"]


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Columns, "db_now", lambda _: NOW)


@settings(max_examples=300)
@given(rows, lists)
def test_a_list_and_its_counts_equal_those_counted_by_hand(rows: list[Row], wanted: ListFilters) -> None:
    chosen = listing.select_products(wanted, columns_of(rows))
    total, as_json = total_and_facets(chosen)
    told_facets = orjson.loads(as_json)
    # Value by value, all values at once, product by product.
    for cost, sort_after, bits in ((10**6, 10**6, 0), (10**6, -1, 64), (0, -1, 0)):
        with mock.patch.multiple(
            facets, _MULTI_VALUE_COST=cost, _SINGLE_VALUE_COST=cost, _SORT_AFTER_USES=sort_after, _MAX_BITMAP_VALUES=bits
        ):
            assert total_and_facets(chosen) == (total, as_json)
    expected = sorted((row for row in rows if meets(row, wanted)), key=lambda row: key_of(row, wanted))
    assert total == len(expected)
    slots, _ = listing.page_slots(chosen, wanted)
    assert chosen.columns.ids[slots].tolist() == [row["id"] for row in expected[: wanted.limit]]
    told = {facet["name"]: {value["value"]: value["count"] for value in facet["values"]} for facet in told_facets}
    for name in ("family", "note"):
        counted = [row for row in rows if meets(row, wanted, but=name)]
        values = [row["family"] for row in counted] if name == "family" else [note for row in counted for note in row["note"]]
        assert told[name] == Counter(value for value in values if value)
    places = [f"c{row['category']}" for row in rows if meets(row, wanted, but="category") and row["category"]]
    assert told["category"] == Counter(places)
    prices = [row for row in rows if meets(row, wanted, but="price")]
    ends = told_facets[-1]
    assert (ends["min"] and ends["min"]["amount"]) == (min(row["low"] for row in prices) if prices else None)
    assert (ends["max"] and ends["max"]["amount"]) == (max(row["low"] + row["more"] for row in prices) if prices else None)


@settings(max_examples=200)
@given(rows, rows, lists, st.randoms(use_true_random=False), st.sampled_from([-1, 10**6]))
def test_pages_contain_each_product_once_while_others_are_added_and_removed(
    there: list[Row], coming: list[Row], wanted: ListFilters, chance: random.Random, worth: int
) -> None:
    """What is there from the first page to the last is seen once; nothing is seen twice."""
    now = {row["id"]: row for row in there}
    stays = set(now)
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        chosen = listing.select_products(wanted, columns_of(list(now.values())))
        with mock.patch.multiple(ranking, SORT_AFTER_USES=worth, _SCAN_FACTOR=-1, _FIRST_CHUNK=2):
            slots, cursor = listing.page_slots(chosen, replace(wanted, cursor=cursor))
        seen += chosen.columns.ids[slots].tolist()
        for row in chance.sample(coming, min(len(coming), 2)):
            if row["id"] not in now and row["id"] not in seen:
                now[row["id"]] = row
        for gone in chance.sample(sorted(now), min(len(now), 2)):
            del now[gone]
            stays.discard(gone)
    assert not [twice for twice, n in Counter(seen).items() if n > 1]
    assert {row["id"] for row in there if row["id"] in stays and meets(row, wanted)} <= set(seen)


MADE = {"collections", "search_cache", "rankings", "_visible", "_filter_cache"}  # of the others, when it is asked for


def same(one: Columns, other: Columns) -> None:
    for field in fields(Columns):
        if field.name in {"version", "horizon", "read_at", "clock_offset", "facets", "currencies"} or field.name in MADE:
            continue
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        assert np.array_equal(mine, theirs) if isinstance(mine, np.ndarray) else mine == theirs, field.name
    for name in one.facets.keys() | other.facets.keys():
        pairs = []
        for facet in (one.facets.get(name), other.facets.get(name)):
            told = zip(facet.slots.tolist(), facet.values.tolist(), strict=True) if facet else ()
            pairs.append(sorted((slot, facet.names[value]) for slot, value in told))  # type: ignore[union-attr]
        assert pairs[0] == pairs[1], name


class Changes(RuleBasedStateMachine):
    """Whatever is done to the catalogue: what a process has patched is what another one reads anew."""

    @initialize()
    def _begin(self) -> None:
        Attribute.objects.create(name="family", label="Family", is_facet=True)
        Attribute.objects.create(name="note", label="Notes", type="list", is_facet=True)
        Attribute.objects.create(name="size", label="Size", is_facet=True, is_of_variant=True)
        self.woods = Category.objects.create(slug="woods", name="Woods")
        self.chosen = Collection.objects.create(slug="chosen", name="Chosen")
        self.made = 0
        self.known = loader._read(None, 0)

    def one(self, at: int) -> Product | None:
        found = list(Product.objects.order_by("pk"))
        return found[at % len(found)] if found else None

    @rule()
    def _comes(self) -> None:
        self.made += 1
        Product.objects.create(
            slug=f"p{self.made}", name="P", status="active", published_at=timezone.now(), min_price_amount=self.made
        )

    @rule(at=st.integers(0, 9), family=st.sampled_from(FAMILIES), notes=st.lists(st.sampled_from(NOTES)))
    def _is_described(self, at: int, family: str, notes: list[str]) -> None:
        if product := self.one(at):
            Product.objects.filter(pk=product.pk).update(attributes={"family": family, "note": notes}, category=self.woods)

    @rule(at=st.integers(0, 9), status=st.sampled_from(["draft", "active", "archived"]), listed=st.booleans())
    def _is_shown_or_not(self, at: int, status: str, listed: bool) -> None:
        if product := self.one(at):
            ends = timezone.now() + timedelta(days=1)
            Product.objects.filter(pk=product.pk).update(status=status, is_listed=listed, unpublish_at=ends)

    @rule(at=st.integers(0, 9), price=st.integers(0, 1000), sold=st.integers(0, 5), there=st.booleans())
    def _sells(self, at: int, price: int, sold: int, there: bool) -> None:
        if product := self.one(at):
            Product.objects.filter(pk=product.pk).update(min_price_amount=price, units_sold=sold, in_stock=there)

    @rule(at=st.integers(0, 9), sizes=st.lists(st.sampled_from(["S", "M", "L"]), unique=True), as_option=st.booleans())
    def _is_made_in_sizes(self, at: int, sizes: list[str], as_option: bool) -> None:
        if product := self.one(at):
            product.variants.filter(archived_at=None).update(archived_at=timezone.now())
            for size in sizes:
                self.made += 1
                told = {"size": size}
                Variant.objects.create(
                    product=product, sku=f"s{self.made}", title=size, price_amount=1, currency="INR",
                    options=told if as_option else {"nr": str(self.made)}, attributes={} if as_option else told,
                )  # fmt: skip

    @rule(at=st.integers(0, 9), size=st.sampled_from(["S", "M"]))
    def _a_variant_is_another(self, at: int, size: str) -> None:
        if (product := self.one(at)) and (variant := product.variants.first()):
            Variant.objects.filter(pk=variant.pk).update(attributes={"size": size})

    @rule(at=st.integers(0, 9))
    def _a_variant_goes(self, at: int) -> None:
        if (product := self.one(at)) and (variant := product.variants.last()):
            apps.get_model("inventory", "StockItem").objects.filter(variant=variant).delete()
            variant.delete()

    @rule(at=st.integers(0, 9))
    def _goes(self, at: int) -> None:
        if product := self.one(at):
            CollectionItem.objects.filter(product=product).delete()
            apps.get_model("inventory", "StockItem").objects.filter(variant__product=product).delete()
            product.delete()

    @rule(at=st.integers(0, 9), position=st.integers(0, 9))
    def _is_chosen(self, at: int, position: int) -> None:
        if product := self.one(at):
            CollectionItem.objects.update_or_create(collection=self.chosen, product=product, defaults={"position": position})

    @rule()
    def _a_category_moves(self) -> None:
        Category.objects.get_or_create(slug="oak", defaults={"name": "Oak", "parent": self.woods})

    @rule(facet=st.booleans())
    def _an_attribute_is_asked_by(self, facet: bool) -> None:
        Attribute.objects.filter(name="note").update(is_facet=facet)

    @invariant()
    def _the_same_as_anew(self) -> None:
        if not hasattr(self, "known"):
            return
        self.known = loader._read(self.known, 0)
        anew = loader._read(None, 0)
        same(self.known, anew)
        for mine, theirs in zip(
            self.known.collection_members("chosen") or (), anew.collection_members("chosen") or (), strict=True
        ):
            assert sorted(mine.tolist()) == sorted(theirs.tolist())


@pytest.mark.django_db
def test_updated_columns_equal_newly_loaded_ones() -> None:
    from django.db import transaction
    from hypothesis.stateful import run_state_machine_as_test

    class Undone(Changes):
        def __init__(self) -> None:
            super().__init__()
            self._atomic = transaction.atomic()
            self._atomic.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self._atomic.__exit__(None, None, None)

    run_state_machine_as_test(Undone, settings=settings(max_examples=12, stateful_step_count=12, deadline=None))


@pytest.mark.django_db
def test_an_old_snapshot_and_many_changes_cause_a_full_load(monkeypatch: pytest.MonkeyPatch) -> None:
    make_variant(price=inr(100))
    known = loader._read(None, 0)
    monkeypatch.setattr(loader, "_MAX_INCREMENTAL_CHANGES", 3)
    for _ in range(5):
        make_variant(price=inr(100))
    same(loader._read(known, 1), loader._read(None, 1))
    monkeypatch.setattr(loader, "_apply_changes", pytest.fail)
    assert len(loader._read(known, 10_000).ids) == 6


@pytest.mark.django_db(transaction=True)
def test_a_change_of_a_long_transaction_is_read_after_its_commit() -> None:
    """Its rows bear the instant at which its transaction began; they are kept for those who have not seen them yet."""
    product = make_variant(price=inr(100)).product
    loader.reset()
    before = loader.refresh(time.monotonic())
    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(min_price_amount=50)
        _age("made > now() - interval '1 minute'")  # as if it had been open for two hours
    delete_old_changes()
    assert before.min_price.tolist() == [100]
    assert loader.refresh(time.monotonic()).min_price.tolist() == [50]
    # The horizon stands at the oldest open transaction of all databases of the server, other tests' among them.
    deadline = time.monotonic() + 60
    while (kinds := _kinds()) != {"horizon"}:
        assert time.monotonic() < deadline, kinds
        _age("kind = 'horizon'")
        delete_old_changes()
        time.sleep(0.02)


def _kinds() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT kind FROM catalog_change")
        return {kind for (kind,) in cursor.fetchall()}


def _age(which: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE catalog_change SET made = made - interval '2 hours' WHERE {which}")


@pytest.mark.parametrize("share", [0.4, 0.06, 0.0])
@pytest.mark.parametrize("most", [400, 1])
def test_a_facet_with_hundreds_of_values_is_counted_correctly(share: float, most: int) -> None:
    chance = random.Random(3)
    pairs = [(slot, chance.randrange(300)) for slot in range(90) for _ in range(min(most, chance.randrange(1, 9)))]
    slots, values = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    facet = Facet.from_pairs([f"v{n}" for n in range(300)], slots, values)
    met = np.array([chance.random() < share for _ in range(100)])  # the last of them have no value
    by_hand = {name: sum(f"v{v}" == name and bool(met[s]) for s, v in pairs) for name in facet.names}
    for _ in range(facets._SORT_AFTER_USES + 2):  # by value, and then by product
        assert dict(zip(facet.names, facet.count(Bitset.from_bools(met)).tolist(), strict=True)) == by_hand
    assert set(facet.names) == {f"v{value}" for _, value in pairs}
    for name in facet.names:
        assert sorted(facet.products_with(name)) == sorted(s for s, v in pairs if f"v{v}" == name)


keys = st.integers(-2, 2) | st.sampled_from([-(2**63), 2**63 - 1, 2**31])


@settings(max_examples=300)
@given(st.lists(st.tuples(keys, st.booleans(), st.booleans())), st.booleans(), st.booleans(), st.integers(1, 9), st.data())
def test_the_top_of_a_ranking_equals_the_result_of_sorting(
    there: list[tuple[int, bool, bool]], all_of_them: bool, descending: bool, most: int, data: st.DataObject
) -> None:
    ranked = np.array([at for at, (_, among, _) in enumerate(there) if among or all_of_them], np.int64)
    of_all = np.array([key for key, _, _ in there], np.int64)
    asked = Ranking(of_all[ranked], None if all_of_them else ranked, descending=descending)
    met = Bitset.from_bools(np.array([chosen for _, _, chosen in there], bool))
    way = -1 if descending else 1
    by_hand = sorted((way * there[at][0], way * at) for at in ranked.tolist() if there[at][2])
    after = data.draw(st.none() | st.tuples(keys, st.integers(-1, 2 * len(there)).map(lambda twice: twice / 2)))
    if after is not None:
        by_hand = [one for one in by_hand if one > (way * after[0], way * after[1])]
    expected = [(way * at, way * key) for key, at in by_hand[:most]]
    for worth in (10**6, -1):  # chosen from those that are met, and walked along the sorted ones
        with mock.patch.multiple(ranking, SORT_AFTER_USES=worth, _SCAN_FACTOR=-1, _FIRST_CHUNK=2):
            slots, told = asked.top(met, most, after=after)
        assert list(zip(slots.tolist(), told.tolist(), strict=True)) == expected


@given(st.lists(st.sets(st.integers(0, 1049)), min_size=1, max_size=3))
def test_packing_and_unpacking_bits_is_lossless(rows: list[set[int]]) -> None:
    are = np.zeros((len(rows), 1050), bool)
    for row, at in zip(are, rows, strict=True):
        row[sorted(at)] = True
    mets = [Bitset.from_bools(row) for row in are]
    assert np.array_equal(pack_bits(are), [met.bits for met in mets])
    for met, row in zip(mets, are, strict=True):
        assert (met.as_bools.tolist(), met.slots.tolist(), met.count) == (row.tolist(), np.flatnonzero(row).tolist(), row.sum())
        assert np.array_equal(Bitset.from_slots(met.slots, met.size).bits, met.bits)
        assert np.array_equal((met & mets[0]).as_bools, row & are[0])
        assert np.array_equal((met | mets[0]).as_bools, row | are[0])
