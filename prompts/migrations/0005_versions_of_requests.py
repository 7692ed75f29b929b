"""What has to read every request: an index and the checks of the new columns, while writes go on."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("prompts", "0004_versions")]

    operations = [
        AddIndexConcurrently(
            model_name="promptrequest",
            index=models.Index(
                models.F("version"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("version__isnull", False)),
                name="prompt_request_version_list",
            ),
        ),
        ValidateConstraint(model_name="promptrequest", name="prompt_request_sandbox_tries_a_version"),
        migrations.RunSQL(
            "ALTER TABLE prompt_requests VALIDATE CONSTRAINT prompt_requests_version_id_fk", migrations.RunSQL.noop
        ),
    ]
