"""The directory of PINs in the repository."""

from ops import postcodes


def test_the_pins_in_the_repository_are_those_of_the_shipped_directory() -> None:
    assert postcodes.OUT.read_text(encoding="utf-8") == postcodes.text()
