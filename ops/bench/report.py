"""The table, as people read it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops.bench.floor import Result
from ops.bench.shoppers import REQUESTS, Seen


@dataclass(frozen=True)
class Row:
    """One load: how many bought at once, what they saw, and what it took. hot: all of them the same variant.

    others: the share of the machine that programs which are none of the bench's took meanwhile.
    """

    clients: int
    hot: bool
    seconds: float
    seen: Seen
    cpu_ms: Mapping[str, float]
    statements: float
    others: float

    @property
    def per_second(self) -> float:
        return self.seen.in_time / self.seconds


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def tell(
    rows: Sequence[Row],
    floors: Mapping[tuple[int, bool], Result],
    statements: Mapping[str, tuple[int, int]],
    *,
    load: float,
) -> None:
    """Print it all. statements: per request, how many, and how many transactions around them."""
    print(
        f"\n{os.cpu_count()} cores, load before the start {load:.1f}; floor by {next(iter(floors.values())).program}\n"
    )
    parts = list(rows[0].cpu_ms)
    print("clients  variants  purchases/s  floor/s  floor is   p50 ms  p95 ms  errors  SQL  others  CPU ms a purchase: "
          + "  ".join(parts))  # fmt: skip
    for row in rows:
        floor = floors.get((max(8, row.clients), row.hot))
        ratio = floor.tps / row.per_second if floor and row.per_second else float("nan")
        shares = "  ".join(f"{row.cpu_ms[part]:{len(part)}.1f}" for part in parts)
        print(
            f"{row.clients:7}  {'one hot' if row.hot else 'spread':8}  {row.per_second:11.1f}"
            f"  {floor.tps if floor else float('nan'):7.0f}  {ratio:5.1f} x"
            f"   {percentile(row.seen.whole, 0.5):7.1f} {percentile(row.seen.whole, 0.95):7.1f}"
            f"  {len(row.seen.errors):6}"
            f"  {row.statements:3.0f}  {row.others:6.0%}  {'':18} {shares}"
        )
        for error in sorted(set(row.seen.errors))[:3]:
            print(f"         {error}")
    print("\nfloor: " + ", ".join(
        f"{clients} clients {'one hot variant' if hot else 'spread'} {result.tps:.0f}/s ({result.mean_ms:.1f} ms,"
        f" {result.failed} failed)" for (clients, hot), result in floors.items()
    ))  # fmt: skip
    print(
        "\nrequest    SQL  transactions   "
        + "   ".join(f"p50/p95 ms at {row.clients:<2}" for row in rows if not row.hot)
    )
    for name in REQUESTS:
        counted = statements.get(name)
        told = f"{counted[0]:3}  {counted[1]:12}" if counted else f"{'':17}"
        spans = "   ".join(
            f"{percentile(row.seen.spans[name], 0.5):7.1f}/{percentile(row.seen.spans[name], 0.95):<8.1f}"
            for row in rows
            if not row.hot
        )
        print(f"{name:9}  {told}   {spans}")
    count, transactions = (sum(counted[at] for counted in statements.values()) for at in (0, 1))
    print(f"sum        {count:3}  {transactions:12}   {count + 2 * transactions} with their BEGIN and COMMIT\n")
