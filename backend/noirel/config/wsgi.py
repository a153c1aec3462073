"""What Gunicorn serves: `gunicorn noirel.config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "noirel.config.settings")
application = get_wsgi_application()
