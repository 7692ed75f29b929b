"""Every rule that a finished installation must keep, as queries that find what breaks it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

#: Also true of what has ended while the rest still runs.
ONE_SUCCESS = "the last attempt, and no other, succeeded"
#: Only where no vendor refuses for good and nobody cancels.
ALL_ANSWERED = "every request has been answered"
_ENTRIES = """
    LEFT JOIN audit_logs a ON a.target_type = 'prompts.promptversion' AND a.target_id = v.id::text AND a.action ="""
_ACTIVATIONS = """ARRAY['prompt_version.activated', 'prompt_version.review_bypassed', 'prompt_version.gate_bypassed',
        'prompt_version.review_and_gate_bypassed']"""
RULES = {
    "every request has ended": "SELECT id FROM prompt_requests WHERE status IN ('pending', 'generating')",
    ALL_ANSWERED: "SELECT id FROM prompt_requests WHERE status <> 'completed'",
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
            (SELECT count(*) AS ended FROM prompt_requests WHERE finished_at IS NOT NULL) AS e,
            (SELECT coalesce(sum((content::jsonb #>> '{details,requests}')::bigint), 0) AS gone FROM audit_logs
                WHERE action = 'requests.facts_deleted') AS d
        WHERE counted <> ended + gone""",
    "a type with versions in use has one active version": """
        SELECT t.slug FROM prompt_types t JOIN prompt_versions v ON v.prompt_type = t.slug
        GROUP BY t.slug HAVING count(*) FILTER (WHERE v.is_active) > 1
        OR (count(*) FILTER (WHERE v.is_active) = 0 AND max(t.active_epoch) > 0)""",
    "no number of a version is above its type's counter": """
        SELECT v.id FROM prompt_versions v JOIN prompt_types t ON t.slug = v.prompt_type
        WHERE v.version_number > t.version_counter""",
    "every version that somebody wrote has its audit entry": f"""
        SELECT v.id FROM prompt_versions v {_ENTRIES} 'prompt_version.created'
        WHERE v.created_by_id IS NOT NULL GROUP BY v.id HAVING count(a.id) <> 1""",
    "every version that was deleted has its audit entry, and no other": f"""
        SELECT v.id FROM prompt_versions v {_ENTRIES} 'prompt_version.deleted'
        GROUP BY v.id HAVING count(a.id) <> (v.deleted_at IS NOT NULL)::int""",
    # Types that come with the program have had an activation that nobody made.
    "every activation has its audit entry": f"""
        SELECT t.slug FROM prompt_types t JOIN prompt_versions v ON v.prompt_type = t.slug
        {_ENTRIES} ANY({_ACTIVATIONS})
        GROUP BY t.slug HAVING count(a.id) <> max(t.active_epoch) AND bool_and(v.created_by_id IS NOT NULL)""",
    "every file has been read, once": """
        SELECT f.id FROM document_files f LEFT JOIN document_pages p ON p.file_id = f.id
        GROUP BY f.id HAVING f.state NOT IN ('read', 'failed')
        OR (f.state = 'read' AND (count(p.id) <> f.page_count OR f.pages_read <> f.page_count))""",
    "every document of a batch that ended has its request, or a reason": """
        SELECT i.id FROM document_batch_items i JOIN document_batches b ON b.id = i.batch_id
        WHERE b.state = 'finished' AND i.request_id IS NULL AND i.error_code = ''""",
    "every batch has ended": "SELECT id FROM document_batches WHERE state NOT IN ('finished', 'cancelled')",
    "an erased request has no text, and hashes exactly if it was answered": """
        SELECT r.id FROM prompt_requests r LEFT JOIN prompt_responses s ON s.prompt_id = r.id
        WHERE r.texts_erased_at IS NOT NULL AND (
            r.prompt_text || r.error_message || r.idempotency_key || coalesce(s.response_text, '') <> ''
            OR r.metadata <> '{}' OR coalesce(r.variables, '{}') <> '{}'
            OR (r.erased_hashes IS NULL) = (s.id IS NOT NULL)
            OR EXISTS (SELECT FROM prompt_attempts a WHERE a.request_id = r.id AND a.error_message <> '')
            OR EXISTS (SELECT FROM document_sandbox_runs d WHERE d.request_id = r.id AND d.variables <> '{}'))""",
    "a salt is gone exactly where the text is": """
        SELECT r.id FROM prompt_seals s CROSS JOIN unnest(s.request_ids) WITH ORDINALITY AS sealed(id, place)
        JOIN prompt_requests r ON r.id = sealed.id
        WHERE (r.texts_erased_at IS NOT NULL)
            <> (substr(s.salts, (sealed.place::int - 1) * 16 + 1, 16) = decode(repeat('00', 16), 'hex'))""",
    "no version shows the end of a try-out that was erased": """
        SELECT v.id FROM prompt_versions v WHERE v.test_result_json IS NOT NULL AND (
            SELECT r.texts_erased_at FROM prompt_requests r
            WHERE r.version_id = v.id AND r.is_sandbox AND r.status IN ('completed', 'failed')
            ORDER BY r.finished_at DESC LIMIT 1) IS NOT NULL""",
    "an erased document has no name, no text and no labels": """
        SELECT d.id FROM documents d JOIN document_files f ON f.id = d.file_id
        WHERE d.erased_at IS NOT NULL AND (d.name <> '[erased]' OR f.erased_at IS NULL OR f.sha256 !~ '^erased-'
            OR EXISTS (SELECT FROM document_pages p WHERE p.file_id = f.id)
            OR EXISTS (SELECT FROM labelled_documents l WHERE l.document_id = d.id AND l.expected <> '{}'))""",
    "every erasing is in the log": """
        SELECT erased, told FROM
            (SELECT count(*) AS erased FROM prompt_requests WHERE texts_erased_at IS NOT NULL) AS e,
            (SELECT coalesce(sum((content::jsonb #>> '{details,requests}')::bigint), 0) AS told FROM audit_logs
                WHERE action = 'requests.texts_erased') AS t
        WHERE erased > told""",
}


class Asked(Protocol):
    """An installation whose database can be asked."""

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""


def broken_rules(installation: Asked, *, but: Collection[str] = ()) -> dict[str, int]:
    """The rules that don't hold, each with how often, `but` those that don't belong to it."""
    found = {rule: len(installation.sql(query)) for rule, query in RULES.items() if rule not in but}
    return {rule: number for rule, number in found.items() if number}


def tables_with(installation: Asked, secret: str) -> list[str]:
    """The tables that hold this text in any column."""
    tables = installation.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    query = "SELECT 1 FROM {} AS t WHERE strpos(t::text, %s) > 0 LIMIT 1"
    return [table for (table,) in tables if installation.sql(query.format(table), secret)]


def refused(installation: Asked) -> int:
    """How many late results came without the lease."""
    return int(installation.sql("SELECT coalesce(sum(count), 0) FROM request_stats WHERE outcome = 'refused'")[0][0])
