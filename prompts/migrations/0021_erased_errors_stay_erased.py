"""What an error said, and the key of a call, can't come back to a request that was erased."""

from django.db import migrations

CONSTANT = "id, user_id, model, prompt_type, version_id, is_sandbox, purpose, parameters, metadata, replay_of_id, run_at, created_at"
ERASED = "prompt_text, variables, awaits_text, texts_erased_at, erased_hashes"

TRIGGER = """
DROP TRIGGER prompt_requests_are_erased_once ON prompt_requests;
CREATE TRIGGER prompt_requests_are_erased_once
    BEFORE UPDATE OF {columns} ON prompt_requests FOR EACH ROW
    WHEN (OLD.texts_erased_at IS NOT NULL OR NEW.texts_erased_at IS NOT NULL) EXECUTE FUNCTION refuse_other_than_erasing();
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0020_retention_checked")]

    operations = [
        migrations.RunSQL(
            TRIGGER.format(columns=f"{CONSTANT}, {ERASED}, error_message, idempotency_key"),
            TRIGGER.format(columns=f"{CONSTANT}, {ERASED}"),
        )
    ]
