"""`python -m ops.chaos`: CHAOS_SECONDS of load and trouble (600), from SEED; exits 1 if anything was lost."""

from __future__ import annotations

import asyncio
import os
import resource
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from ops.chaos.shop import Shop, on_the_shelf
from ops.chaos.shoppers import Shoppers
from ops.chaos.trouble import Trouble
from ops.chaos.verdict import Verdict, come_to_rest, judge

PLENTY, SCARCE, SCARCE_SKUS = 20_000, 60, 4
KILLS = 250  # of a long run, about


def main() -> None:
    seconds = float(os.environ.get("CHAOS_SECONDS") or 600)
    seed = int(os.environ.get("SEED") or secrets.randbelow(1_000_000))
    at_once = int(os.environ.get("CHAOS_SHOPPERS") or 32)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    folder = Path(tempfile.mkdtemp(prefix="noirel-chaos-"))
    folder.chmod(0o755)  # PostgreSQL's own user has to pass
    hold = 45.0 if seconds >= 120 else 12.0
    shop = Shop(folder, {"HOLD_SECONDS": str(int(hold * 0.7)), "HOLD_WITH_ATTEMPT_SECONDS": str(int(hold))})
    try:
        shop.wait()
        lost = asyncio.run(_run(shop, seconds=seconds, seed=seed, at_once=at_once, hold=hold))
    finally:
        shop.stop()
    if lost:
        print(f"\n{lost} lost or told wrong. The run folder, with its logs: {folder}", file=sys.stderr)
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)


async def _run(shop: Shop, *, seconds: float, seed: int, at_once: int, hold: float) -> int:
    on_hand = await on_the_shelf(shop, lambda at: SCARCE if at < SCARCE_SKUS else PLENTY, skus=24)
    print(f"chaos: seed {seed}, {seconds:.0f} s, {at_once} shoppers at once, {len(on_hand)} SKUs", flush=True)
    shoppers = Shoppers(port=shop.port, gateway_port=shop.gateway_port, skus=list(on_hand), hold=hold, seed=seed)
    trouble = Trouble(shop, seed=seed, between_kills=max(1.5, seconds / KILLS), between_faults=0.8)
    began = time.monotonic()
    trouble.begin()
    shopping = asyncio.create_task(shoppers.come(at_once=at_once, until=began + seconds))
    await asyncio.sleep(seconds)
    await trouble.end()
    await shopping
    load = time.monotonic() - began
    rested, left = await come_to_rest(shop, seconds=max(120.0, seconds / 2))
    verdict = await judge(shop, shoppers, on_hand=on_hand)
    verdict.seconds_to_rest = rested
    verdict.trouble += [f"still under way at the end: {what}" for what in left]
    _tell(verdict, shoppers, trouble, seed=seed, seconds=load)
    return len(verdict.trouble)


def _tell(verdict: Verdict, shoppers: Shoppers, trouble: Trouble, *, seed: int, seconds: float) -> None:
    endings: dict[str, int] = {}
    for story in shoppers.stories:
        ending = story.ending if not story.ending.startswith("went away") else "went away"
        endings[f"{story.habit}: {ending}"] = endings.get(f"{story.habit}: {ending}", 0) + 1
    ordered = sorted(shoppers.seconds)
    _table("killed", trouble.kills)
    _table("the gateway was told to", trouble.faults)
    _table("what shoppers were answered", shoppers.statuses)
    _table("how they left", endings)
    _table("what is there", verdict.counts)
    print(f"""
| chaos | |
| --- | --- |
| seed | {seed} |
| load and trouble | {seconds:.0f} s, {len(shoppers.stories)} shoppers, {verdict.counts["orders"]} orders |
| answers, p50 and p95 | {ordered[len(ordered) // 2]:.2f} s, {ordered[int(len(ordered) * 0.95)]:.2f} s |
| kills | {sum(trouble.kills.values())} |
| faults | {sum(trouble.faults.values())} |
| to rest, after the load | {verdict.seconds_to_rest:.0f} s |
| lost or told wrong | {len(verdict.trouble)} |
""")
    for line in verdict.trouble[:60]:
        print(f"  LOST {line}")


def _table(title: str, rows: Mapping[str, int]) -> None:
    print(f"\n| {title} | |\n| --- | --- |")
    for name, n in sorted(rows.items()):
        print(f"| {name} | {n} |")
    if len(rows) > 1 and title.startswith(("killed", "the gateway")):
        print(f"| in all | {sum(rows.values())} |")


if __name__ == "__main__":
    main()
