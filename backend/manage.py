#!/usr/bin/env python
"""The shop's command line: `python manage.py help`."""

import os
import sys

from django.core.management import execute_from_command_line

from noirel.config.logging import describe_uncaught_errors

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "noirel.config.settings")
    describe_uncaught_errors()
    execute_from_command_line(sys.argv)
