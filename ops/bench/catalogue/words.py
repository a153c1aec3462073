"""What the products of the bench are called: words with accents, a few of them everywhere and most of them rare."""

from __future__ import annotations

import random
import unicodedata

_SYLLABLES = (
    "ba", "bri", "cla", "cor", "del", "dra", "é", "fi", "flo", "gra", "hé", "i", "ja", "ka", "lan", "lu", "mi", "mor",
    "na", "né", "nuit", "o", "or", "pel", "pré", "ra", "rê", "rou", "sa", "sol", "ta", "thé", "ti", "va", "vel", "vio",
    "ya", "zu",
)  # fmt: skip
_NOTES = (
    "Fève tonka", "Café", "Néroli", "Crème brûlée", "Thé vert", "Bois de gaïac", "Fleur d’oranger", "Cèdre", "Réséda",
    "Açaí", "Maté", "Jasmín", "Vétiver", "Iris", "Violette", "Ambre", "Encens", "Santal", "Musc", "Patchouli",
    "Bergamot", "Sea salt", "Fig leaf", "Pink pepper", "Saffron", "Leather", "Honey", "Tobacco", "Oud", "Rose",
    "Benzoin", "Lychee",
)  # fmt: skip
_KINDS = ("", " noir", " blanc", " salé", " fumé", " sauvage", " d’hiver", " d’été", " sec", " vert")
FAMILIES = (
    "woody", "floral", "amber", "citrus", "green", "musk", "aromatic", "gourmand", "spicy", "leather", "marine",
    "powdery",
)  # fmt: skip
STRENGTHS = ("Eau de parfum", "Eau de toilette", "Extrait", "Cologne", "Huile de parfum")
# The tree: each root has each of these below it, and each of those has each line.
ROOTS, SHELVES, LINES = (
    ("Perfume", "Bath", "Home", "Travel"),
    ("Mist", "Oil", "Balm", "Refill"),
    ("Day", "Été", "Night"),
)


def words(count: int) -> list[str]:
    """Different words that mean nothing, of two to four syllables; the same every time."""
    chance, made = random.Random(1), dict[str, None]()
    while len(made) < count:
        made["".join(chance.choices(_SYLLABLES, k=chance.choice((2, 3, 3, 4)))).capitalize()] = None
    return list(made)


WORDS = [word for word in words(6_500) if len(word) > 3][:6_000]
NOTES = [note + kind for kind in _KINDS for note in _NOTES]
VENDORS = ["Maison " + word for word in WORDS[3_000:3_060]]


def folded(text: str) -> str:
    """As the shop folds what is searched (catalog/text.py)."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'").split())


def mistyped(word: str) -> str:
    """With two letters in each other's place."""
    at = len(word) // 2
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
