"""Signs of life of workers, the power to write versions, and drafts that are tried out."""

import django.db.models.functions.datetime
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("prompts", "0010_awaited_texts_checked"),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkerSign",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False, verbose_name="worker")),
                ("host", models.CharField(max_length=200, verbose_name="host")),
                ("pid", models.PositiveIntegerField(verbose_name="process")),
                ("slots", models.PositiveIntegerField(verbose_name="slots")),
                ("running", models.PositiveIntegerField(default=0, verbose_name="running calls")),
                (
                    "started_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="started at"
                    ),
                ),
                (
                    "seen_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="last seen at"
                    ),
                ),
                ("stopped_at", models.DateTimeField(null=True, verbose_name="stopped at")),
            ],
            options={
                "verbose_name": "worker",
                "verbose_name_plural": "workers",
                "db_table": "worker_signs",
                "ordering": ["-seen_at"],
            },
        ),
        migrations.AlterModelOptions(
            name="promptversion",
            options={
                "ordering": ["prompt_type", "-version_number"],
                "permissions": [("write_promptversion", "Can write versions, try them out and annotate them")],
                "verbose_name": "prompt version",
                "verbose_name_plural": "prompt versions",
            },
        ),
        migrations.RemoveConstraint(
            model_name="promptrequest",
            name="prompt_request_sandbox_tries_a_version",
        ),
        # Checked of what is written from now on; of the rows that are there in 0012.
        AddConstraintNotValid(
            model_name="promptrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_sandbox", False), ("version__isnull", False), ("variables__isnull", False), _connector="OR"
                ),
                name="prompt_request_sandbox_tries_a_template",
            ),
        ),
    ]
