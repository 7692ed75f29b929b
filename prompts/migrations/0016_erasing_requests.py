"""The one change that the texts of a request can undergo: to be erased."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

FINISHED = ("completed", "failed", "cancelled")
CONSTANT = "id, user_id, model, prompt_type, version_id, is_sandbox, purpose, parameters, metadata, replay_of_id, run_at, created_at"

# Which columns an update names, and whether it erases, decides which of the triggers looks at it: updates of a
# request's status name none of these columns and pay nothing.
REQUESTS = f"""
DROP TRIGGER prompt_requests_input_is_immutable ON prompt_requests;
CREATE TRIGGER prompt_requests_input_is_immutable
    BEFORE UPDATE OF {CONSTANT} ON prompt_requests FOR EACH ROW
    WHEN (OLD.texts_erased_at IS NULL AND NEW.texts_erased_at IS NULL) EXECUTE FUNCTION refuse_change_of_request_input();
DROP TRIGGER prompt_requests_text_comes_once ON prompt_requests;
CREATE TRIGGER prompt_requests_text_comes_once
    BEFORE UPDATE OF prompt_text, variables, awaits_text, erased_hashes ON prompt_requests FOR EACH ROW
    WHEN (OLD.texts_erased_at IS NULL AND NEW.texts_erased_at IS NULL AND (NOT OLD.awaits_text OR OLD.status <> 'pending'))
    EXECUTE FUNCTION refuse_change_of_request_input();

CREATE FUNCTION refuse_other_than_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed prompt_requests%ROWTYPE := OLD;
BEGIN
    IF OLD.texts_erased_at IS NULL THEN
        allowed.prompt_text := '';
        allowed.variables := CASE WHEN OLD.variables IS NOT NULL THEN '{{}}'::jsonb END;
        allowed.metadata := '{{}}';
        allowed.error_message := '';
        allowed.idempotency_key := '';
        allowed.texts_erased_at := NEW.texts_erased_at;
        allowed.erased_hashes := NEW.erased_hashes;
        IF (NEW.erased_hashes IS NOT NULL) <> EXISTS (SELECT FROM prompt_responses WHERE prompt_id = OLD.id) THEN
            RAISE EXCEPTION 'hashes of request % have to stay exactly if it was answered', OLD.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    IF NEW.purpose = '' THEN
        allowed.purpose := '';
    END IF;
    allowed.simulated := NEW.simulated;
    IF NEW IS DISTINCT FROM allowed THEN
        RAISE EXCEPTION 'request % can only be erased as a whole, and once', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER prompt_requests_are_erased_once
    BEFORE UPDATE OF {CONSTANT}, prompt_text, variables, awaits_text, texts_erased_at, erased_hashes
    ON prompt_requests FOR EACH ROW
    WHEN (OLD.texts_erased_at IS NOT NULL OR NEW.texts_erased_at IS NOT NULL) EXECUTE FUNCTION refuse_other_than_erasing();
"""
NO_REQUESTS = f"""
DROP TRIGGER prompt_requests_are_erased_once ON prompt_requests;
DROP FUNCTION refuse_other_than_erasing();
DROP TRIGGER prompt_requests_text_comes_once ON prompt_requests;
CREATE TRIGGER prompt_requests_text_comes_once
    BEFORE UPDATE OF prompt_text, variables, awaits_text ON prompt_requests FOR EACH ROW
    WHEN (NOT OLD.awaits_text OR OLD.status <> 'pending') EXECUTE FUNCTION refuse_change_of_request_input();
DROP TRIGGER prompt_requests_input_is_immutable ON prompt_requests;
CREATE TRIGGER prompt_requests_input_is_immutable
    BEFORE UPDATE OF {CONSTANT} ON prompt_requests FOR EACH ROW EXECUTE FUNCTION refuse_change_of_request_input();
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0015_retention")]

    operations = [
        migrations.AddField(
            model_name="promptrequest",
            name="texts_erased_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="texts erased at"),
        ),
        migrations.AddField(
            model_name="promptrequest", name="erased_hashes", field=models.JSONField(editable=False, null=True)
        ),
        migrations.RemoveConstraint(model_name="promptrequest", name="prompt_request_text_unless_awaited"),
        # Checked of what is written from now on; of the rows that are there in 0020.
        AddConstraintNotValid(
            model_name="promptrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("prompt_text", ""), _negated=True),
                    ("awaits_text", True),
                    ("texts_erased_at__isnull", False),
                    _connector="OR",
                ),
                name="prompt_request_text_unless_awaited",
            ),
        ),
        AddConstraintNotValid(
            model_name="promptrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("texts_erased_at__isnull", True), ("status__in", FINISHED), _connector="OR"),
                name="prompt_request_erased_when_ended",
            ),
        ),
        migrations.RunSQL(REQUESTS, NO_REQUESTS),
    ]
