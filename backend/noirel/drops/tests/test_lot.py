"""The draw itself: whoever runs it, in whatever order the entries came, gets the same places, and every place is as likely."""

import json
import subprocess
import sys
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from noirel.drops.lot import ALGORITHM, commitment_to, hash_of_list, lot_of, places

VERIFIER = Path(__file__).resolve().parents[4] / "docs" / "verify_draw.py"
entry_ids = st.lists(st.uuids(version=4).map(str), unique=True, max_size=40)
seeds = st.binary(min_size=32, max_size=32)
beacons = st.sampled_from(["", "8f3c", "रात", "a|b"])


@given(entry_ids, seeds, beacons, st.randoms(use_true_random=False))
def test_a_draw_orders_everybody_once_in_whatever_order_they_came(
    entries: list[str], seed: bytes, beacon: str, chance: Any
) -> None:
    drawn = places(entries, seed=seed, beacon=beacon)
    assert sorted(drawn) == sorted(entries)
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert places(shuffled, seed=seed, beacon=beacon) == drawn
    assert hash_of_list(shuffled) == hash_of_list(entries)


@given(entry_ids.filter(lambda ids: len(ids) > 1), seeds, beacons)
def test_one_entry_more_or_less_is_another_list_and_other_lots(entries: list[str], seed: bytes, beacon: str) -> None:
    whole, fewer = hash_of_list(entries), hash_of_list(entries[1:])
    assert whole != fewer
    one = entries[1]
    assert lot_of(one, seed=seed, entries_hash=whole, beacon=beacon) != lot_of(
        one, seed=seed, entries_hash=fewer, beacon=beacon
    )


def test_every_order_of_four_is_as_likely_as_any_other() -> None:
    """4! = 24 orders over 4,800 seeds; chi-square with 23 degrees of freedom stays under 49.73 in 999 of 1,000 fair draws."""
    entries = [str(UUID(int=number)) for number in range(4)]
    seen = Counter(tuple(places(entries, seed=number.to_bytes(32, "big"), beacon="")) for number in range(4_800))
    expected = 4_800 / 24
    chi_square = sum((seen[order] - expected) ** 2 / expected for order in permutations(entries))
    assert set(seen) == set(permutations(entries))
    assert chi_square < 49.73


def test_it_is_no_advantage_to_come_early() -> None:
    """Twenty entries, five winners, 2,000 seeds: each wins about 500 times (19 degrees of freedom: 43.82 at 1 in 1,000)."""
    entries = [str(UUID(int=number)) for number in range(20)]
    wins: Counter[str] = Counter()
    for number in range(2_000):
        wins.update(places(entries, seed=commitment_to(str(number).encode()).encode()[:32], beacon="x")[:5])
    assert sum((wins[entry] - 500) ** 2 / 500 for entry in entries) / (1 - 5 / 20) < 43.82


def _told(entries: list[str], seed: bytes, beacon: str) -> dict[str, Any]:
    return {
        "algorithm": ALGORITHM,
        "commitment": commitment_to(seed),
        "seed": seed.hex(),
        "beacon_source": "the river's height at noon" if beacon else "",
        "beacon": beacon,
        "entries": sorted(entries),
        "entries_hash": hash_of_list(entries),
        "entry_count": len(entries),
        "winners": 2,
        "order": places(entries, seed=seed, beacon=beacon),
    }


def _verifier() -> Any:
    names: dict[str, Any] = {"__name__": "verifier"}
    exec(compile(VERIFIER.read_text(), str(VERIFIER), "exec"), names)
    return names["verify"]


verify = _verifier()


@given(entry_ids, seeds, beacons)
def test_the_standalone_verifier_agrees(entries: list[str], seed: bytes, beacon: str) -> None:
    assert verify(_told(entries, seed, beacon)) == []


@given(entry_ids.filter(lambda ids: len(ids) > 2), seeds, st.integers(0, 5))
def test_the_standalone_verifier_sees_what_was_changed(entries: list[str], seed: bytes, kind: int) -> None:
    told = _told(entries, seed, "")
    match kind:
        case 0:
            told["seed"] = bytes(32).hex() if any(seed) else bytes([1] * 32).hex()
        case 1:
            told["entries"] = told["entries"][1:]
        case 2:
            told["order"] = [told["order"][1], told["order"][0], *told["order"][2:]]
        case 3:
            told["beacon"] = "later"
        case 4:
            told["entries"] = told["order"] = [*told["entries"], told["entries"][0]]
        case 5:
            told["algorithm"] = "coin"
    assert verify(told) != []


def test_the_verifier_is_a_program_that_needs_nothing(tmp_path: Path) -> None:
    draw = tmp_path / "draw.json"
    entries = [str(UUID(int=number)) for number in range(3)]
    draw.write_text(json.dumps(_told(entries, b"n" * 32, "")))
    run = [sys.executable, "-I", "-S", str(VERIFIER), str(draw)]
    answer = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (0, "As promised: 3 entries, the first 2 places may buy.\n")
    draw.write_text(json.dumps(_told(entries, b"n" * 32, "") | {"seed": "00" * 32}))
    answer = subprocess.run(run, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stdout.startswith("the seed is not the one that was committed to")
