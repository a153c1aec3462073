"""A deployment that goes back one migration finds the database that the code before it knew."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader

ROOMS = sorted(config.label for config in apps.get_app_configs() if config.name.startswith("noirel."))
_MADE = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)")
_DROPPED = re.compile(r"DROP FUNCTION (?:IF EXISTS )?(\w+)")


def _names(pattern: re.Pattern[str], sql: Any) -> set[str]:
    return set(pattern.findall(sql)) if isinstance(sql, str) else set()


@pytest.mark.parametrize("room", ROOMS)
def test_who_goes_back_a_migration_keeps_the_functions_that_were_there_before_it(room: str) -> None:
    loader = MigrationLoader(None)
    there: set[str] = set()
    for name in sorted(name for label, name in loader.disk_migrations if label == room):
        steps = [step for step in loader.disk_migrations[room, name].operations if isinstance(step, RunSQL)]
        dropped = set().union(*(_names(_DROPPED, step.reverse_sql) - _names(_MADE, step.reverse_sql) for step in steps))
        assert not dropped & there, name
        there = there.union(*(_names(_MADE, step.sql) for step in steps))
