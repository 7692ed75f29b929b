"""The WSGI application that granian serves: `granian --interface wsgi config.wsgi:application`."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# Else the first who asks a process for an address, or for a chart, would wait for these.
for name in ("config.urls", "prompts.admin.chart_drawing"):
    import_module(name)
