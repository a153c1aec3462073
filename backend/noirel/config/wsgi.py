"""What Gunicorn serves: `gunicorn noirel.config.wsgi`."""

import os
from importlib import import_module

import django as framework

from noirel.config.logging import describe_uncaught_errors

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "noirel.config.settings")
describe_uncaught_errors()
framework.setup(set_prefix=False)

from noirel.core.charset import Utf8Handler  # noqa: E402
from noirel.fastpath.wsgi import FastPath  # noqa: E402  (it reads settings)

django = Utf8Handler()

application = FastPath(django)
import_module("noirel.config.urls")  # with all views, before the first request and not in it
