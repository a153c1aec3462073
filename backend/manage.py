#!/usr/bin/env python
"""The shop's command line: `python manage.py help`."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from noirel.config.logging import describe_uncaught_errors


def main() -> None:
    """A wrong setting ends the command with one line that names it, and EX_CONFIG."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "noirel.config.settings")
    describe_uncaught_errors()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.exit(os.EX_CONFIG)


if __name__ == "__main__":
    main()
