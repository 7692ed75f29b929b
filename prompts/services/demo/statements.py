"""The statements that write a batch: PostgreSQL invents the rows by itself, which is faster than sending them."""

from __future__ import annotations

from typing import NamedTuple

from prompts.models.request_stat import DURATION_BOUNDS_MS
from prompts.services.statistics import KEY, SUMS

MODELS = ("simulator/quick", "simulator/thorough", "simulator/frugal")


class Fault(NamedTuple):
    """How a request fails: its class, after how many attempts of how many milliseconds, and how often beside others."""

    error_class: str
    attempts: int
    milliseconds: int
    http_status: int | None
    message: str
    weight: int


FAULTS = (
    Fault("rate_limited", 8, 300, 429, "Too many requests.", 22),
    Fault("overloaded", 6, 900, 529, "Overloaded.", 18),
    Fault("timeout", 4, 60_000, None, "No complete answer within 60 seconds.", 20),
    Fault("bad_response", 3, 4_000, 200, "The answer is no JSON.", 12),
    Fault("bad_request", 1, 200, 400, "The prompt is longer than the model's context.", 10),
    Fault("content_filter", 1, 2_500, 200, "The vendor's filter cut the answer.", 8),
    Fault("auth", 1, 150, 401, "The key is not accepted.", 5),
    Fault("connection", 4, 5_000, None, "The connection was cut.", 5),
)


def _uuid7(at: str) -> str:
    """The expression of a version 7 UUID (RFC 9562) of that time: a random one whose first 48 bits are milliseconds.

    PostgreSQL has a function for it from version 18 on.
    """
    milliseconds = f"substring(int8send(floor(extract(epoch FROM {at}) * 1000)::bigint) FROM 3)"
    timed = f"overlay(uuid_send(gen_random_uuid()) PLACING {milliseconds} FROM 1 FOR 6)"
    # The version's four bits: the random one's 0100 becomes 0111.
    return f"encode(set_bit(set_bit({timed}, 52, 1), 53, 1), 'hex')::uuid"


TEXTS = """
CREATE TEMPORARY TABLE demo_text ON COMMIT DROP AS
SELECT slug, is_answer, (row_number() OVER (PARTITION BY slug, is_answer))::int AS place, content
FROM unnest(%(slugs)s::text[], %(are_answers)s::bool[], %(contents)s::text[]) AS text(slug, is_answer, content)
"""
# Chances are thrown once a row, here; everything else follows from them.
ROLL = f"""
CREATE TEMPORARY TABLE demo_batch ON COMMIT DROP AS
WITH line AS MATERIALIZED (
    SELECT * FROM unnest(%(types)s::text[], %(versions)s::bigint[], %(leads)s::text[], %(purposes)s::text[],
        %(are_json)s::bool[]) WITH ORDINALITY AS line(prompt_type, version_id, lead, purpose, is_json, place)
), fault AS MATERIALIZED (
    SELECT * FROM unnest(%(classes)s::text[], %(attempts)s::int[], %(milliseconds)s::int[], %(statuses)s::int[],
        %(messages)s::text[]) WITH ORDINALITY AS fault(error_class, attempts, milliseconds, http_status, message, place)
), roll AS MATERIALIZED (
    SELECT span.start + random() * interval '1 hour' AS created_at,
        1 + floor(random() * %(lines)s)::int AS line,
        1 + floor(random() * %(faults)s)::int AS fault,
        (%(people)s::bigint[])[1 + floor(random() * cardinality(%(people)s::bigint[]))::int] AS user_id,
        1 + floor(power(random(), 2) * cardinality(%(models)s::text[]))::int AS model,
        1 + floor(random() * %(texts)s)::int AS asked, 1 + floor(random() * %(texts)s)::int AS answered,
        random() AS luck, random() AS speed, random() AS wait, floor(random() * 4)::int AS shard,
        random() < 0.01 AS is_sandbox, 100000 + floor(random() * 900000)::int AS number
    FROM unnest(%(starts)s::timestamptz[], %(numbers)s::int[]) AS span(start, number), generate_series(1, span.number)
), fate AS (
    SELECT roll.created_at, roll.user_id, roll.model, roll.shard, roll.is_sandbox,
        line.prompt_type, line.version_id, line.lead, line.purpose, line.is_json, fault.http_status,
        'INV-' || to_char(created_at, 'YYYY') || '-' || number AS name,
        asked.content AS asked, answered.content AS answered, number,
        (%(models)s::text[])[roll.model] AS model_name,
        created_at + wait * interval '3 seconds' AS started_at,
        CASE WHEN luck < 0.93 THEN 'completed' WHEN luck < 0.985 THEN 'failed' ELSE 'cancelled' END AS status,
        CASE WHEN luck BETWEEN 0.93 AND 0.985 THEN error_class ELSE '' END AS error_class,
        CASE WHEN luck BETWEEN 0.93 AND 0.985 THEN message ELSE '' END AS error_message,
        -- Of those that were answered some had been refused first; of those that were cancelled some had not begun.
        CASE WHEN luck < 0.04 THEN 2 WHEN luck < 0.93 THEN 1 WHEN luck < 0.985 THEN fault.attempts
            WHEN luck < 0.992 THEN 0 ELSE 1 END AS attempt_count,
        CASE WHEN luck BETWEEN 0.93 AND 0.985 THEN fault.milliseconds
            ELSE (roll.model * 400 + 4 * length(answered.content) * (0.5 + exp(3 * speed) / 5))::int END AS milliseconds
    FROM roll JOIN line ON line.place = roll.line JOIN fault ON fault.place = roll.fault
        JOIN demo_text AS asked ON asked.slug = line.prompt_type AND NOT asked.is_answer AND asked.place = roll.asked
        JOIN demo_text AS answered
            ON answered.slug = line.prompt_type AND answered.is_answer AND answered.place = roll.answered
)
SELECT {_uuid7("created_at")} AS id, created_at, started_at, user_id, model, model_name, shard,
    is_sandbox, prompt_type, version_id, purpose, status, error_class, error_message, attempt_count, milliseconds,
    http_status, name || E'\n' || asked AS input, lead || name || E'\n' || asked AS prompt_text,
    CASE WHEN is_json THEN jsonb_build_object('documentNumber', name, 'total', (number / 7.0)::numeric(12, 2)::text,
        'currency', (ARRAY['THB', 'OMR', 'USD', 'EUR'])[1 + number %% 4], 'summary', answered)::text
        ELSE '[Demo] ' || answered END AS answer,
    -- Before each further attempt it waits two seconds longer.
    started_at + attempt_count * milliseconds * interval '1 millisecond'
        + attempt_count * greatest(attempt_count - 1, 0) * interval '1 second' AS finished_at
FROM fate ORDER BY created_at
"""  # noqa: S608 (an expression of this module)
REQUESTS = """
INSERT INTO prompt_requests (id, user_id, model, prompt_type, version_id, variables, is_sandbox, prompt_text, purpose,
    parameters, metadata, idempotency_key, status, next_attempt_at, attempt_count, lease_token, leased_by,
    error_class, error_message, created_at, started_at, finished_at)
SELECT id, user_id, model_name, prompt_type, version_id, jsonb_build_object('input', input), is_sandbox, prompt_text,
    purpose, '{"temperature": 0.2}', '{"demo": true}', '', status, created_at, attempt_count, 2 * attempt_count, '',
    error_class, error_message, created_at, CASE WHEN attempt_count > 0 THEN started_at END, finished_at
FROM demo_batch
"""
ATTEMPTS = """
INSERT INTO prompt_attempts (request_id, number, worker, started_at, ended_at, outcome, error_class, error_message,
    http_status, provider_request_id, may_be_billed)
SELECT id, n, 'demo', at, at + milliseconds * interval '1 millisecond',
    CASE WHEN status = 'cancelled' THEN 'superseded' WHEN n = attempt_count AND status = 'completed' THEN 'succeeded'
        ELSE 'failed' END,
    CASE WHEN status = 'completed' AND n < attempt_count THEN 'overloaded' ELSE error_class END,
    CASE WHEN status = 'completed' AND n < attempt_count THEN 'Overloaded.' ELSE error_message END,
    CASE WHEN status = 'completed' AND n < attempt_count THEN 529 WHEN status = 'failed' THEN http_status END, '',
    status = 'cancelled' OR error_class = ANY(%(may_be_billed)s)
FROM demo_batch, generate_series(1, attempt_count) AS n,
    LATERAL (
        SELECT started_at + (n - 1) * (milliseconds * interval '1 millisecond' + n * interval '1 second') AS at
    ) AS begun
"""
_COST = "(length(answer) * model * 0.0000004)::numeric(18, 9)"
RESPONSES = f"""
INSERT INTO prompt_responses (id, prompt_id, response_text, created_at, duration_ms, provider, model, finish_reason,
    input_tokens, cached_tokens, output_tokens, reasoning_tokens, cost, provider_request_id)
SELECT {_uuid7("finished_at")}, id, answer, finished_at, milliseconds, 'simulator', model_name, 'stop',
    length(prompt_text) / 4, 0, 1 + length(answer) / 4, 0, {_COST}, ''
FROM demo_batch WHERE status = 'completed' ORDER BY finished_at
"""  # noqa: S608 (names from this module)


def _in_bucket(lower: int, upper: int) -> str:
    return f"count(*) FILTER (WHERE status <> 'cancelled' AND milliseconds > {lower} AND milliseconds <= {upper})"


_BUCKETS = ", ".join(_in_bucket(*bounds) for bounds in zip((-1, *DURATION_BOUNDS_MS), DURATION_BOUNDS_MS, strict=False))
_ADDITIONS = ", ".join(f"{name} = request_stats.{name} + excluded.{name}" for name in SUMS)
STATISTICS = f"""
INSERT INTO request_stats (hour, shard, {", ".join((*KEY, *SUMS))})
SELECT date_trunc('hour', finished_at), shard, 'simulator', model_name, prompt_type, status, error_class, count(*),
    coalesce(sum(milliseconds) FILTER (WHERE status <> 'cancelled'), 0),
    coalesce(sum(length(prompt_text) / 4) FILTER (WHERE status = 'completed'), 0), 0,
    coalesce(sum(1 + length(answer) / 4) FILTER (WHERE status = 'completed'), 0),
    coalesce(sum({_COST}) FILTER (WHERE status = 'completed'), 0), {_BUCKETS}
FROM demo_batch GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY 1, 2, 3, 4, 5, 6, 7
ON CONFLICT (hour, shard, {", ".join(KEY)}) DO UPDATE SET {_ADDITIONS}
"""  # noqa: S608
IN_ORDER = (TEXTS, ROLL, REQUESTS, ATTEMPTS, RESPONSES, STATISTICS)
#: What is written in one go waits in memory for its place in the indexes of words.
QUICKLY = "SET LOCAL gin_pending_list_limit = '64MB'; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"
SPAN = "SELECT min(finished_at), max(finished_at) FROM demo_batch WHERE status = 'completed'"
TIDY = "VACUUM (ANALYZE) prompt_requests, prompt_responses, prompt_attempts, request_stats"
