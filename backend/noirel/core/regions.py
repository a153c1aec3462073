"""The states and union territories of India and their alternative spellings. Pure."""

import re
import unicodedata

from noirel.core.text import without_invisible

INDIA = (
    ("AN", "Andaman and Nicobar Islands"), ("AP", "Andhra Pradesh"), ("AR", "Arunachal Pradesh"), ("AS", "Assam"),
    ("BR", "Bihar"), ("CH", "Chandigarh"), ("CG", "Chhattisgarh"), ("DH", "Dadra and Nagar Haveli and Daman and Diu"),
    ("DL", "Delhi"), ("GA", "Goa"), ("GJ", "Gujarat"), ("HR", "Haryana"), ("HP", "Himachal Pradesh"),
    ("JK", "Jammu and Kashmir"), ("JH", "Jharkhand"), ("KA", "Karnataka"), ("KL", "Kerala"), ("LA", "Ladakh"),
    ("LD", "Lakshadweep"), ("MP", "Madhya Pradesh"), ("MH", "Maharashtra"), ("MN", "Manipur"), ("ML", "Meghalaya"),
    ("MZ", "Mizoram"), ("NL", "Nagaland"), ("OD", "Odisha"), ("PY", "Puducherry"), ("PB", "Punjab"), ("RJ", "Rajasthan"),
    ("SK", "Sikkim"), ("TN", "Tamil Nadu"), ("TS", "Telangana"), ("TR", "Tripura"), ("UP", "Uttar Pradesh"),
    ("UK", "Uttarakhand"), ("WB", "West Bengal"),
)  # fmt: skip

# Former and other codes (ISO 3166-2:IN before and after 2023, vehicle plates, GST), former names, and common spellings.
_ALIASES = {
    "IN": {
        "AN": ("Andaman and Nicobar", "Andaman", "Andamans", "A and N Islands", "Andaman Nicobar Islands", "Port Blair"),
        "AP": ("AD", "Andhra"),
        "AR": ("Arunachal",),
        "CG": ("CT", "Chattisgarh", "Chhatisgarh", "Chatisgarh"),
        "CH": ("Chandigarh UT", "Union Territory of Chandigarh"),
        "DH": (
            "DN", "DD", "DNHDD", "Dadra and Nagar Haveli", "Daman and Diu", "Dadra Nagar Haveli", "Daman Diu", "Daman", "Diu",
            "Silvassa", "Dadra and Nagar Haveli Daman and Diu",
        ),
        "DL": ("New Delhi", "NCT", "NCT of Delhi", "Delhi NCT", "National Capital Territory of Delhi", "Delhi NCR"),
        "GJ": ("Gujrat",),
        "HP": ("Himachal",),
        "JH": ("Jharkand"),
        "JK": ("J and K", "Jammu", "Kashmir", "Jammu Kashmir", "Jammu and Kashmir UT"),
        "KA": ("Karnatak", "Mysore"),
        "KL": ("Keralam",),
        "LA": ("Leh Ladakh", "Ladakh UT"),
        "LD": ("Lakshadweep Islands", "Laccadives"),
        "MH": ("Maharastra", "Maharashthra"),
        "MP": ("Madhyapradesh",),
        "ML": ("Megalaya",),
        "NL": ("NG",),
        "OD": ("OR", "Orissa", "Odissa", "Orrisa"),
        "PB": ("Panjab",),
        "PY": ("Pondicherry", "Pondichery", "Pondy", "Puduchery"),
        "RJ": ("Rajastan",),
        "TN": ("Tamilnadu", "Tamil Nad"),
        "TS": ("TG", "Telengana", "Telanganna"),
        "UK": ("UT", "UA", "Uttaranchal", "Uttrakhand", "Uttarkhand", "Uttarakand"),
        "UP": ("Uttarpradesh",),
        "WB": ("Bengal", "Westbengal", "Paschim Banga", "Paschimbanga"),
    },
}  # fmt: skip


def _key(text: str) -> str:
    """Normalise a name for comparison: letters and digits only, without accents, "&" as "and"."""
    decomposed = unicodedata.normalize("NFKD", without_invisible(text)).casefold().replace("&", " and ")
    letters = "".join(char for char in decomposed if char.isalnum() or char.isspace() or char in "-./,")
    words = [word for word in re.split(r"[\s./,-]+", letters) if word]
    if words[:1] == ["the"]:
        words = words[1:]
    if len(words) > 1 and words[:2] == ["state", "of"]:
        words = words[2:]
    return "".join(words)


def _index(country: str, regions: tuple[tuple[str, str], ...]) -> dict[str, str]:
    index: dict[str, str] = {}
    for code, aliases in _ALIASES.get(country, {}).items():
        for alias in aliases:
            index[_key(alias)] = code
    for code, name in regions:
        index[_key(name)] = index[_key(code)] = code
    # ISO 3166-2 prefixes the country: IN-KA.
    return index | {_key(f"{country}-{key}"): code for key, code in index.items()}


_INDEXES: dict[str, dict[str, str]] = {}


def region_code(country: str, regions: tuple[tuple[str, str], ...], text: str) -> str | None:
    """Return the code of a region given by its code, ISO code, name, former name or a common spelling, or None.

    regions: the (code, name) pairs of the country.
    """
    if country not in _INDEXES:
        _INDEXES[country] = _index(country, regions)
    return _INDEXES[country].get(_key(text))
