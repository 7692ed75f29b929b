"""What has to read every request and every answer, while writes go on."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations
from django.db.models.functions import Left


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("prompts", "0011_console")]

    operations = [
        ValidateConstraint(model_name="promptrequest", name="prompt_request_sandbox_tries_a_template"),
        AddIndexConcurrently(
            model_name="promptresponse",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector(Left("response_text", 50000), config="simple"),
                name="prompt_response_search",
            ),
        ),
    ]
