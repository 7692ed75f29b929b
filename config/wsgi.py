"""The WSGI application that granian serves: `granian --interface wsgi config.wsgi:application`."""

import os
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# The prefix of addresses comes with each call.
django.setup(set_prefix=False)

application = import_module("config.handler").Handler()

# Else the first who asks a process for an address, or for a chart, would wait for these.
for name in ("config.urls", "prompts.admin.chart_drawing"):
    import_module(name)

import_module("config.garbage").settle_down()
