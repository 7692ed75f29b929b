"""Serves a WSGI application with the command that `manage.py run` gives its web process.

`python -m benchmarks.serving APPLICATION SETTINGS`; the environment says the port and the rest.
"""

from __future__ import annotations

import os
import sys

import django

from config.management.commands.run import web_command


def main(application: str, settings: str) -> None:
    django.setup()
    command = [*web_command()[:-1], application]
    os.execve(command[0], command, os.environ | {"DJANGO_SETTINGS_MODULE": settings})


if __name__ == "__main__":
    main(*sys.argv[1:])
