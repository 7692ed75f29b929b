"""The WSGI application that granian serves: `granian --interface wsgi config.wsgi:application`."""

import os
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# The prefix of addresses comes with each call.
django.setup(set_prefix=False)

application = import_module("config.handler").Handler()

# Else the first who asks a process for an address, for a chart or for an answer would wait for these, and what stays
# for good would lie among what their call needs for a moment (docs/decisions/0029-what-a-process-keeps.md).
for name in ("config.urls", "prompts.admin.chart_drawing", "django.contrib.messages.storage.fallback"):
    import_module(name)
import_module("config.celery").load_what_sending_needs()
import_module("providers.registry").load_adapters()

import_module("config.garbage").settle_down()
