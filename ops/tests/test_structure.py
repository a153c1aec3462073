from pathlib import Path

import pytest

from ops import structure


def test_names_are_found_wherever_python_defines_them() -> None:
    source = "class Shelf:\n    def put(self, told):\n        for asked in told:\n            kept_at = asked\n"
    assert set(structure.names_of(source)) == {"Shelf", "put", "self", "told", "asked", "kept_at"}


@pytest.mark.parametrize(
    ("name", "words"),
    [("kept_at", {"kept", "at"}), ("isToldTwice", {"is", "told", "twice"}), ("HTTPShelf2", {"http", "shelf", "2"})],
)
def test_a_name_is_split_into_words(name: str, words: set[str]) -> None:
    assert structure.words_of(name) == words


def test_a_word_within_a_longer_one_is_not_of_the_dialect() -> None:
    assert not structure.words_of("metadata_skeptic") & structure.DIALECT


@pytest.mark.parametrize("text", ["A perfume.", "two flacons", "NOIR'EL", "NOIR’EL", "Eau de parfum"])
def test_words_of_the_house_are_found(text: str) -> None:
    assert structure.HOUSE.search(text)


@pytest.mark.parametrize("text", ["from noirel.core import events", "descent", "according to"])
def test_other_words_are_not_taken_for_the_house(text: str) -> None:
    assert not structure.HOUSE.search(text)


def test_cycles_are_found_and_chains_are_not() -> None:
    graph = {"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": ["e"], "e": [], "f": ["f"]}
    assert list(structure.cycles(graph)) == [["a", "b", "c"]]


def test_a_component_ends_at_its_closing_brace() -> None:
    source = (
        "export function Cart() {\n  return null;\n}\n\nfunction helper() {\n}\n\nexport default function Page() {\n}\n"
    )
    assert list(structure.components_of(source)) == [("Cart", 3), ("Page", 2)]


def test_imports_are_resolved_to_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure, "WEB", tmp_path)
    (tmp_path / "shared").mkdir()
    for name in ("shared/money.ts", "route.tsx", "parts.tsx"):
        (tmp_path / name).write_text("")
    assert structure.resolve_import(tmp_path / "route.tsx", "./parts") == tmp_path / "parts.tsx"
    assert structure.resolve_import(tmp_path / "route.tsx", "@noirel/shared/money") == tmp_path / "shared" / "money.ts"
    assert structure.resolve_import(tmp_path / "route.tsx", "./styles.css") is None


def test_the_code_is_measured_and_a_limit_that_is_exceeded_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(structure, "MEASURES", {"files": ("files", lambda: ["one", "two"])})
    monkeypatch.setattr("sys.argv", ["structure"])
    limits = tmp_path / "structure.toml"
    monkeypatch.setattr(structure, "LIMITS", limits)
    limits.write_text("[limits]\nfiles = 2\n")
    structure.main()
    limits.write_text("[limits]\nfiles = 3\n")
    structure.main()
    assert "Lower `files`" in capsys.readouterr().out
    limits.write_text("[limits]\nfiles = 1\n")
    with pytest.raises(SystemExit, match=r"files: 2, at most 1\.(?s:.*)two"):
        structure.main()
