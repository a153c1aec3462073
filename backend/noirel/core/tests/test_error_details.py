"""The detail of every refusal is a sentence for people, never a docstring for developers."""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

import noirel
from noirel.core.domain.errors import ShopError

for _module in pkgutil.walk_packages(noirel.__path__, "noirel."):
    if _module.name.rpartition(".")[2] in {"errors", "services", "lifecycle", "items", "remote", "idempotency", "events"} or (
        ".services." in _module.name
    ):
        import_module(_module.name)


def errors_of(base: type[ShopError]) -> Iterator[type[ShopError]]:
    for error in base.__subclasses__():
        if error.__module__.startswith("noirel."):
            yield error
            yield from errors_of(error)


def test_every_error_has_a_detail_of_its_own_that_reads_as_a_sentence() -> None:
    errors = set(errors_of(ShopError))
    assert len(errors) >= 60
    lacking = sorted(error.__qualname__ for error in errors if "default_detail" not in vars(error))
    assert lacking == []
    odd = {error.__qualname__: error.default_detail for error in errors if not is_sentence(error.default_detail)}
    assert odd == {}


def is_sentence(text: str) -> bool:
    """Capital first, full stop last, and nothing that only a developer reads: no identifiers, braces, back quotes or "…:"."""
    return re.fullmatch(r"[A-Z][^`{}\[\]_\n]*[^.\s]\.", text) is not None and not re.search(r"\w: ?\[|\b[a-z]+_[a-z]+\b", text)


def test_the_detail_is_what_was_said_or_the_default_and_never_the_docstring() -> None:
    class Refused(ShopError):
        """For developers. lines: [{"sku"}]."""

        default_detail = "That can't be done."

    assert Refused().detail == str(Refused()) == "That can't be done."
    assert Refused("Not today.").detail == "Not today."
    assert not is_sentence(Refused.__doc__ or "")
    for text in ("lower.", "No stop", "drop_status: where it is.", "With `force`.", 'lines: [{"sku"}].'):
        assert not is_sentence(text)
