"""What was measured, as people read it, and whether it is what was meant."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from ops.bench.catalogue.load import Seen
from ops.bench.report import percentile


@dataclass(frozen=True)
class Asked:
    """statements and CPU ms are for one answer."""

    seen: Seen
    statements: float
    api_ms: float
    postgres_ms: float


def together(parts: Sequence[Asked]) -> Asked:
    """Measured in turns, told as one."""
    whole = Seen()
    for part in parts:
        whole.spans += part.seen.spans
        whole.seconds += part.seen.seconds
        whole.size += part.seen.size
        for status, count in part.seen.statuses.items():
            whole.statuses[status] = whole.statuses.get(status, 0) + count

    def mean(of: Callable[[Asked], float]) -> float:
        return sum(of(part) * len(part.seen.spans) for part in parts) / max(1, len(whole.spans))

    return Asked(whole, mean(lambda p: p.statements), mean(lambda p: p.api_ms), mean(lambda p: p.postgres_ms))


@dataclass(frozen=True)
class Bare:
    """The statements of an answer alone: how often a second, and how many there are."""

    per_second: float
    statements: float


def middle(rates: Sequence[tuple[float, float]]) -> float:
    """The median of ratios: the shop's rate, in the floor's of the same turn."""
    return median(shop / max(floor, 1) for shop, floor in rates)


@dataclass(frozen=True)
class Row:
    size: int
    kind: str
    kept: Asked
    unkept: Asked
    not_modified: Asked
    trivial: Asked
    trivial_304: Asked
    bare: Bare
    parts: dict[str, float]  # of the floor's rate: how it was answered, and the middle one of the turns' ratios
    first_asked: Seen | None = None  # searches for words that nobody had asked for before


# What is meant: the least part of the floor's rate; for kept and unkept answers that of lists and pages.
LEAST = {"kept": 0.6, "304": 0.8, "unkept": 0.5}
MOST_GROWTH = 2.0  # of p95, from the fewest products to the most
MOST_P95 = {"filtered list": 50, "search": 50}  # ms, of answers that are made anew


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def tell(row: Row, *, is_first: bool, load: float, clients: int) -> None:
    if is_first:
        print(
            f"\n{os.cpu_count()} cores, load before the start {load:.1f};"
            f" {clients} connections, 2 workers with 4 threads\n"
            "CPU is in ms for one answer; a 304's floor is the trivial app's 200, and in brackets its 304\n\n"
            "products  read           how      KB    req/s   p50 ms   p95 ms   SQL  API CPU  PG CPU"
            "   floor: req/s  of it"
        )
    # What the machine could do at most if each answer cost the bare SQL and the bare HTTP, and nothing else.
    both = 1 / (1 / max(row.trivial.seen.per_second, 1) + 1 / max(row.bare.per_second, 1))
    alone = f"bare SQL; {row.unkept.seen.per_second / both:.0%} of both floors' work together ({both:.0f})"
    floors = (
        ("kept", row.kept, row.trivial.seen.per_second, f"trivial ({row.trivial.api_ms:.2f} ms)"),
        ("304", row.not_modified, row.trivial.seen.per_second, f"trivial ({row.trivial_304.seen.per_second:.0f})"),
        ("unkept", row.unkept, row.bare.per_second, alone),
    )
    for how, asked, floor, name in floors:
        seen = asked.seen
        size = seen.size / max(1, len(seen.spans)) / 1024
        part = row.parts[how]
        is_asked = how == "304" or row.kind in {"list", "product"}
        verdict = f"  {_verdict(part >= LEAST[how])} ({LEAST[how]:.0%})" if is_asked else ""
        print(
            f"{row.size:8}  {row.kind:13}  {how:6} {size:5.0f}  {seen.per_second:7.0f}"
            f"  {percentile(seen.spans, 0.5):7.2f}  {percentile(seen.spans, 0.95):7.2f}  {asked.statements:4.1f}"
            f"  {asked.api_ms:7.2f}  {asked.postgres_ms:6.2f}"
            f"   {floor:11.0f}  {part:5.0%}  {name}{verdict}",
            flush=True,
        )
        if wrong := {status: n for status, n in seen.statuses.items() if status not in {"200", "304"}}:
            print(f"          answers that were none: {wrong}")


def tell_growth(rows: Sequence[Row]) -> None:
    first, last = min(row.size for row in rows), max(row.size for row in rows)
    print(f"\np95 at {last} products, in those at {first}:")
    ends = {(row.size, row.kind): row for row in rows}
    for kind in dict.fromkeys(row.kind for row in rows):
        few, many = ends[first, kind], ends[last, kind]
        grown = {
            how: percentile(b.seen.spans, 0.95) / max(percentile(a.seen.spans, 0.95), 0.001)
            for how, a, b in (("kept", few.kept, many.kept), ("unkept", few.unkept, many.unkept))
        }
        told = "   ".join(f"{how} {times:.1f} x {_verdict(times <= MOST_GROWTH)}" for how, times in grown.items())
        slower = few.bare.per_second / max(many.bare.per_second, 1)
        print(f"  {kind:13}  {told}   (bare SQL's time for one: {slower:.1f} x)")
    for kind in MOST_P95.keys() & {row.kind for row in rows}:
        p95 = percentile(ends[last, kind].unkept.seen.spans, 0.95)
        print(f"  {kind}, unkept: p95 {p95:.1f} ms {_verdict(p95 < MOST_P95[kind])} ({MOST_P95[kind]} ms)")
    for row in rows:
        if row.first_asked:
            p50, p95 = (percentile(row.first_asked.spans, part) for part in (0.5, 0.95))
            print(
                f"  {len(row.first_asked.spans)} searches for words that nobody has asked for, at {row.size}:"
                f" p50 {p50:.1f} ms, p95 {p95:.1f} ms {_verdict(p95 < MOST_P95['search'])} ({MOST_P95['search']} ms)"
            )


def tell_memory(seen: Sequence[tuple[float, float, float]]) -> None:
    print("\nA crawler over all pages while prices change:\n  second  API MiB  req/s")
    for second, size, per_second in seen:
        print(f"  {second:6.0f}  {size:7.0f}  {per_second:5.0f}")
