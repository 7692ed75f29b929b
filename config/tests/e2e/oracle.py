"""Every rule that a finished installation must keep, as queries that find what breaks it."""

from __future__ import annotations

from config.tests.e2e.installation import Installation

#: Also true of what has ended while the rest still runs.
ONE_SUCCESS = "the last attempt, and no other, succeeded"
RULES = {
    "every request has ended": "SELECT id FROM prompt_requests WHERE status IN ('pending', 'generating')",
    "every request has been answered": "SELECT id FROM prompt_requests WHERE status <> 'completed'",
    "every completed request has one response": """
        SELECT r.id FROM prompt_requests r LEFT JOIN prompt_responses a ON a.prompt_id = r.id
        WHERE r.status = 'completed' GROUP BY r.id HAVING count(a.id) <> 1""",
    "there are as many attempts as claims": """
        SELECT r.id FROM prompt_requests r LEFT JOIN prompt_attempts a ON a.request_id = r.id
        GROUP BY r.id HAVING count(a.id) <> r.attempt_count""",
    "no attempt is left open": """
        SELECT r.id FROM prompt_requests r JOIN prompt_attempts a ON a.request_id = r.id
        WHERE a.outcome = '' AND r.status NOT IN ('pending', 'generating')""",
    ONE_SUCCESS: """
        SELECT r.id FROM prompt_requests r JOIN prompt_attempts a ON a.request_id = r.id
        WHERE r.status = 'completed' AND (a.outcome = 'succeeded') <> (a.number = r.attempt_count)""",
    "the response is the one of the attempt that succeeded": """
        SELECT s.prompt_id FROM prompt_responses s JOIN prompt_attempts a ON a.request_id = s.prompt_id
        WHERE a.outcome = 'succeeded' AND a.provider_request_id <> s.provider_request_id""",
    "the counts are the ends": """
        SELECT counted, ended FROM
            (SELECT coalesce(sum(count), 0) AS counted FROM request_stats WHERE outcome <> 'refused') AS c,
            (SELECT count(*) AS ended FROM prompt_requests WHERE finished_at IS NOT NULL) AS e
        WHERE counted <> ended""",
}


def broken_rules(installation: Installation) -> dict[str, int]:
    """The rules that don't hold, each with how often."""
    found = {rule: len(installation.sql(query)) for rule, query in RULES.items()}
    return {rule: number for rule, number in found.items() if number}


def refused(installation: Installation) -> int:
    """How many late results came without the lease."""
    return int(installation.sql("SELECT coalesce(sum(count), 0) FROM request_stats WHERE outcome = 'refused'")[0][0])
