"""The rule for slugs, for all of Unicode. web/shared/slug.ts is tested against the same vectors."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noirel.core.slugs import as_slug, is_slug, slugify

VECTORS = json.loads((Path(__file__).parents[4] / "web/shared/slug.cases.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: ascii(vector["text"]))
def test_the_vectors_shared_with_the_web_pass(vector: dict[str, Any]) -> None:
    text, length = vector["text"], vector.get("max_length", 200)
    assert slugify(text, max_length=length) == vector["slug"]
    assert as_slug(text, max_length=length) == vector["as_slug"]
    assert is_slug(text, max_length=length) == vector["is_slug"]


def test_slugify_is_idempotent_for_every_unicode_character() -> None:
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char) in {"Cn", "Co", "Cs"}:
            continue
        for text in (char, f"a{char}b", f"क{char}ा"):
            slug = slugify(text)
            assert slugify(slug) == slug, hex(code)
            assert slug == "" or is_slug(slug), hex(code)


_SCRIPTS = "aÀßﬁ™ΣἈйहि्ािเำ้คムガｶﾞ한각אִّعِ٣၁်္ \u200b\u200d\u00a0\u0301\u0327\u20dd-_'’/%İǅ"


@settings(max_examples=1000)
@given(st.one_of(st.text(max_size=30), st.text(_SCRIPTS, max_size=12)), st.integers(1, 30))
def test_slugify_is_idempotent(text: str, max_length: int) -> None:
    slug = slugify(text, max_length=max_length)
    assert len(slug) <= max_length
    assert slugify(slug, max_length=max_length) == slug
    slug = as_slug(text, max_length=max_length)
    assert as_slug(slug, max_length=max_length) == slug
    assert slug == "" or is_slug(slug, max_length=max_length)


@given(st.text(max_size=30))
def test_case_and_unicode_form_do_not_change_the_slug(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert slugify(unicodedata.normalize(form, text)) == slugify(text)


def test_words_that_differ_in_combining_marks_have_different_slugs() -> None:
    words = ["कमल", "कमला", "कमली", "कमलो", "ปา", "ป่า", "ป้า", "は", "ば", "ぱ", "и", "й"]
    assert len({slugify(word) for word in words}) == len(words)
