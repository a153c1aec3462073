"""At the end of every story, the audit must find all stock and money consistent."""

from collections.abc import Iterator

import pytest

from noirel.backoffice.audit import run_checks


@pytest.fixture(autouse=True)
def proved(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "transactional_db" in request.fixturenames and not request.node.get_closest_marker("unproved"):
        assert run_checks(at_rest=False) == []
