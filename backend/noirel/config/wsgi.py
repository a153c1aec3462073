"""What Gunicorn serves: `gunicorn noirel.config.wsgi`."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from noirel.config.logging import describe_uncaught_errors

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "noirel.config.settings")
describe_uncaught_errors()
django = get_wsgi_application()

from noirel.core.api.quick import Quick  # noqa: E402  (it reads settings)

application = Quick(django)
import_module("noirel.config.urls")  # with all views, before the first request and not in it
