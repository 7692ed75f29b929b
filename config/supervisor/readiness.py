"""Waits for the web server's own word that everything is there, and then says where to go."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import dataclass, field

PATIENCE_SECONDS = 60.0
ANSWER_LIMIT = 500


@dataclass
class Readiness:
    """Asks /readyz once a tick until it is green, then calls `announce` once."""

    host: str
    port: int
    host_header: str
    announce: Callable[[], None]
    complain: Callable[[str], None]
    green: bool = False
    complain_at: float = field(default=0.0)

    def check(self, now: float) -> None:
        """Ask, unless it was green before. Complains with the server's answer when it takes too long."""
        if self.green:
            return
        self.complain_at = self.complain_at or now + PATIENCE_SECONDS
        status, text = self.ask()
        if status == http.HTTPStatus.OK:
            self.green = True
            self.announce()
        elif now >= self.complain_at:
            self.complain_at = now + PATIENCE_SECONDS
            self.complain(f"Not ready yet. /readyz says: {text or 'nothing'}")

    def ask(self) -> tuple[int, str]:
        """Status and beginning of the answer; 0 and why when there is none."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=2)
        try:
            connection.request("GET", "/readyz", headers={"Host": self.host_header})
            response = connection.getresponse()
            return response.status, response.read(ANSWER_LIMIT).decode("utf-8", errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            connection.close()
