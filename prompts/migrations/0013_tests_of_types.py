"""Finding the few tests of a type among its many requests."""

import django.db.models
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("prompts", "0012_console_checked")]

    operations = [
        AddIndexConcurrently(
            model_name="promptrequest",
            index=django.db.models.Index(
                "prompt_type",
                django.db.models.F("id").desc(),
                condition=django.db.models.Q(is_sandbox=True),
                name="prompt_request_tests",
            ),
        ),
    ]
