"""PostgreSQL and Valkey from Python wheels, for installations that bring no servers of their own.

Settings need `paths` and `secrets`, which touch nothing but what they name; `manage.py run` and the tests
start the servers (`postgres`, `valkey`). See docs/decisions for why the wheels are driven directly.
"""
