"""Cleaning of text before it is stored, printed or mailed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noirel.core.text import plain_text


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("For 21:12", "For 21:12"),
        ("gift\u202efdp.exe", "giftfdp.exe"),  # a right-to-left override
        ("\u2066isolated\u2069 \u202aembedded\u202c", "isolated embedded"),
        ("\ufeffAnanya\u200b Rao\u2060", "Ananya Rao"),
        ("ring\x07 the\x1b[31m bell\x7f", "ring the[31m bell"),
        ("two\r\nlines\u2028three", "two lines three"),
        ("a\u00a0b\t c", "a b c"),
        ("e\u0301teinte", "éteinte"),
        ("شب\u200cبو", "شب\u200cبو"),  # Persian spelling needs the zero-width non-joiner
        ("क्\u200dष", "क्\u200dष"),  # Hindi spelling needs the zero-width joiner
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
    ],
)
def test_invisible_characters_are_removed_from_a_line(typed: str, cleaned: str) -> None:
    assert plain_text(typed) == cleaned


def test_a_multiline_text_keeps_its_line_breaks() -> None:
    assert plain_text("Dear Noor,\r\n\r\n\u202eringed\tbell", multiline=True) == "Dear Noor,\n\nringed bell"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.booleans())
def test_cleaning_a_text_again_changes_nothing(typed: str, multiline: bool) -> None:
    cleaned = plain_text(typed, multiline=multiline)
    assert plain_text(cleaned, multiline=multiline) == cleaned
    assert not [char for char in cleaned if unicodedata.category(char) == "Cc" and char != "\n"]
    assert not [
        char
        for char in cleaned
        if unicodedata.bidirectional(char) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    ]
    assert multiline or "\n" not in cleaned
