"""A request may wait for its text, which is then written once; slugs end where they seem to end."""

import django.core.validators
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

SLUG = r'^[a-z][a-z0-9_]{0,63}\Z'
CONSTANT = "id, user_id, model, prompt_type, version_id, is_sandbox, purpose, parameters, metadata, replay_of_id, run_at, created_at"
TRIGGERS = f"""
DROP TRIGGER prompt_requests_input_is_immutable ON prompt_requests;
CREATE TRIGGER prompt_requests_input_is_immutable
    BEFORE UPDATE OF {CONSTANT}
    ON prompt_requests FOR EACH ROW EXECUTE FUNCTION refuse_change_of_request_input();
CREATE TRIGGER prompt_requests_text_comes_once
    BEFORE UPDATE OF prompt_text, variables, awaits_text ON prompt_requests FOR EACH ROW
    WHEN (NOT OLD.awaits_text OR OLD.status <> 'pending') EXECUTE FUNCTION refuse_change_of_request_input();
"""
NO_TRIGGERS = f"""
DROP TRIGGER prompt_requests_text_comes_once ON prompt_requests;
DROP TRIGGER prompt_requests_input_is_immutable ON prompt_requests;
CREATE TRIGGER prompt_requests_input_is_immutable
    BEFORE UPDATE OF {CONSTANT}, prompt_text, variables
    ON prompt_requests FOR EACH ROW EXECUTE FUNCTION refuse_change_of_request_input();
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0008_prompt_seals")]

    operations = [
        migrations.AddField(
            model_name="promptrequest",
            name="awaits_text",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="awaits its text"),
        ),
        migrations.RemoveConstraint(model_name="promptrequest", name="prompt_request_text_not_empty"),
        # Checked of what is written from now on; of the rows that are there in 0010.
        AddConstraintNotValid(
            model_name="promptrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("prompt_text", ""), _negated=True), ("awaits_text", True), _connector="OR"),
                name="prompt_request_text_unless_awaited",
            ),
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RemoveConstraint(model_name="prompttype", name="prompt_type_slug_form"),
        migrations.AlterField(
            model_name="prompttype",
            name="slug",
            field=models.CharField(
                help_text="The name in the API. It can't be changed later.",
                max_length=64,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        SLUG, "Use lower-case letters, digits and underscores, beginning with a letter."
                    )
                ],
                verbose_name="slug",
            ),
        ),
        migrations.AddConstraint(
            model_name="prompttype",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__regex", SLUG)), name="prompt_type_slug_form"
            ),
        ),
    ]
