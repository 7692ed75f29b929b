"""Nothing but what a view needs. The database is reached as the product reaches it."""

from __future__ import annotations

from config.settings import DATABASES as DATABASES

SECRET_KEY = "serves one benchmark"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "benchmarks.bare.urls"
MIDDLEWARE: list[str] = []
INSTALLED_APPS: list[str] = []
USE_TZ = True
