"""The one change that an answer can undergo: to be erased with its request."""

from django.db import migrations

RESPONSES = """
CREATE FUNCTION refuse_change_of_response() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed prompt_responses%ROWTYPE := OLD;
BEGIN
    allowed.response_text := '';
    allowed.simulated := NEW.simulated;
    IF NEW IS DISTINCT FROM allowed
        OR NOT EXISTS (SELECT FROM prompt_requests WHERE id = OLD.prompt_id AND texts_erased_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'the answer to request % can not be changed', OLD.prompt_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER prompt_responses_are_immutable ON prompt_responses;
CREATE TRIGGER prompt_responses_are_immutable
    BEFORE UPDATE ON prompt_responses FOR EACH ROW EXECUTE FUNCTION refuse_change_of_response();
"""
NO_RESPONSES = """
DROP TRIGGER prompt_responses_are_immutable ON prompt_responses;
CREATE TRIGGER prompt_responses_are_immutable
    BEFORE UPDATE ON prompt_responses FOR EACH ROW EXECUTE FUNCTION refuse_change_of_request_input();
DROP FUNCTION refuse_change_of_response();
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0016_erasing_requests")]

    operations = [
        migrations.RunSQL(RESPONSES, NO_RESPONSES),
    ]
