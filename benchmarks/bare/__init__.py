"""The floor of the web: a Django project that does nothing but answer, on the same server and the same database."""
