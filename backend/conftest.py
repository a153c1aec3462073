"""What every test may ask for. The database is a real PostgreSQL (DATABASE_URL); each xdist worker makes its own."""

import os
from collections.abc import Callable

import hypothesis
import pytest
from django.test import TransactionTestCase

from tests.client import Client, signed_in
from tests.emptying import empty_database

# The same examples each time, and a machine that is busy makes no test fail. HYPOTHESIS=explore looks for new ones.
hypothesis.settings.register_profile("shop", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS", "shop"))


TransactionTestCase._fixture_teardown = empty_database  # type: ignore[attr-defined]


@pytest.fixture
def client() -> Client:
    """A guest."""
    return Client()


@pytest.fixture
def shopper(db: None) -> Client:
    """Someone with an account; `shopper.user` is it."""
    from tests.make import make_user

    return signed_in(make_user())


@pytest.fixture
def staff(db: None) -> Client:
    """The owner of the house."""
    from tests.make import make_staff

    return signed_in(make_staff())


@pytest.fixture
def staff_as(db: None) -> Callable[[str], Client]:
    """Staff with one role: `staff_as("packer")`."""
    from tests.make import make_staff

    return lambda role: signed_in(make_staff(role=role))
