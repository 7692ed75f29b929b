"""Lists that pick few of very many requests: those of one class of errors, and try-outs. Built while writes go on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("prompts", "0013_tests_of_types")]

    operations = [
        AddIndexConcurrently(
            model_name="promptrequest",
            index=models.Index(
                models.F("error_class"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("error_class", ""), _negated=True),
                name="prompt_request_error_list",
            ),
        ),
        AddIndexConcurrently(
            model_name="promptrequest",
            index=models.Index(
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("is_sandbox", True)),
                name="prompt_request_sandbox_list",
            ),
        ),
    ]
