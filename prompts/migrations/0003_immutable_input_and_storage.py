"""What was asked, by whom and when never changes; busy tables are vacuumed early (docs/decisions/0004)."""

from django.db import migrations

# "UPDATE OF" looks at the statement's column list: an update that doesn't name these columns pays nothing.
GUARD = """
CREATE FUNCTION refuse_change_of_request_input() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the input of request % can not be changed', OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER prompt_requests_input_is_immutable
    BEFORE UPDATE OF id, user_id, model, prompt_type, prompt_text, purpose, parameters, metadata, replay_of_id, run_at, created_at
    ON prompt_requests FOR EACH ROW EXECUTE FUNCTION refuse_change_of_request_input();

CREATE TRIGGER prompt_responses_are_immutable
    BEFORE UPDATE ON prompt_responses FOR EACH ROW EXECUTE FUNCTION refuse_change_of_request_input();
"""
UNGUARD = """
DROP TRIGGER prompt_responses_are_immutable ON prompt_responses;
DROP TRIGGER prompt_requests_input_is_immutable ON prompt_requests;
DROP FUNCTION refuse_change_of_request_input();
"""

# Each request is updated three times within seconds, its attempt once: room on the page, and early vacuuming.
STORAGE = """
ALTER TABLE prompt_requests SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE prompt_attempts SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE request_stats SET (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0.1);
"""
DEFAULT_STORAGE = """
ALTER TABLE request_stats RESET (fillfactor, autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor);
ALTER TABLE prompt_attempts RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
ALTER TABLE prompt_requests RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0002_seed_prompt_types")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunSQL(STORAGE, DEFAULT_STORAGE),
    ]
