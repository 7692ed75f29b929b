"""Exits 0 when the web server of this container answers; run as a script, it needs nothing but Python."""

from __future__ import annotations

import http.client
import os
import sys


def host_header(allowed_hosts: str) -> str:
    """A name that the server answers to, from the value of ALLOWED_HOSTS."""
    names = [name.strip() for name in allowed_hosts.split(",")]
    return next((name for name in names if name and not name.startswith(("*", "."))), "localhost")


def main() -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("GRANIAN_PORT", "8000")), timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": host_header(os.environ.get("ALLOWED_HOSTS", ""))})
        return 0 if connection.getresponse().status == http.HTTPStatus.OK else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
