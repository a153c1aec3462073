"""Run a NOIR'EL lottery again, with nothing but Python: what was promised, who took part, who was drawn.

    python verify_draw.py https://the.shop/api/v1/drops/minuit/draw
    python verify_draw.py draw.json
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path
from urllib.request import urlopen


def verify(told: dict) -> list[str]:
    """What is wrong with a draw; nothing, when it is as it was promised."""
    if told["algorithm"] != "hmac-sha256-v1" or not told["seed"]:
        return ["this draw can't be run: it has not been made yet, or by another algorithm"]
    seed = bytes.fromhex(told["seed"])
    entries_hash = hashlib.sha256("\n".join(sorted(told["entries"])).encode()).hexdigest()

    def lot(entry: str) -> tuple[str, str]:
        message = f"{entry}|{entries_hash}|{told['beacon']}".encode()
        return hmac.new(seed, message, hashlib.sha256).hexdigest(), entry

    wrong = []
    if len(seed) != 32 or hashlib.sha256(seed).hexdigest() != told["commitment"]:
        wrong.append("the seed is not the one that was committed to")
    if entries_hash != told["entries_hash"] or len(set(told["entries"])) != told["entry_count"]:
        wrong.append("the entries are not the ones that were written down")
    if bool(told["beacon"]) != bool(told["beacon_source"]):
        wrong.append("the beacon is not the one that was announced")
    if sorted(told["entries"], key=lot) != told["order"]:
        wrong.append("the places are not what seed, list and beacon give")
    return wrong


if __name__ == "__main__":
    where = sys.argv[1]
    told = json.loads(urlopen(where).read() if "://" in where else Path(where).read_text())
    wrong = verify(told)
    print("\n".join(wrong) or f"As promised: {told['entry_count']} entries, the first {told['winners']} places may buy.")
    sys.exit(1 if wrong else 0)
