#!/usr/bin/env python
"""Runs the project's commands: `manage.py help` lists them."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line

        from config.explanations import explain
    except ModuleNotFoundError as error:
        sys.exit(f"{error}. Use .venv/bin/python, which `make run` prepares, or install requirements.txt.")
    try:
        execute_from_command_line(sys.argv)
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        sys.exit(sentence)


if __name__ == "__main__":
    main()
