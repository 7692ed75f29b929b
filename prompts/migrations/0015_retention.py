"""How long texts and facts of a type are kept (docs/decisions/0025-retention.md).

One table a migration, here and in those that follow: a writer takes locks in an order of its own, and would meet a
migration that holds one table and waits for the next.
"""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

MAX_DAYS = 36525
DAYS = [django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(MAX_DAYS)]


def _at_least_a_day(column):
    day = {f"{column}__gte": 1, f"{column}__lte": MAX_DAYS}
    return models.Q((f"{column}__isnull", True)) | models.Q(*day.items())



class Migration(migrations.Migration):
    dependencies = [("prompts", "0014_lists_of_errors_and_try_outs")]

    operations = [
        migrations.AddField(
            model_name="prompttype",
            name="keep_texts_days",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Prompts and answers are erased so many days after they were sent. Empty: never.",
                null=True,
                validators=DAYS,
                verbose_name="days that texts are kept",
            ),
        ),
        migrations.AddField(
            model_name="prompttype",
            name="keep_facts_days",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="After so many days nothing tells who asked, when and why. Empty: for ever.",
                null=True,
                validators=DAYS,
                verbose_name="days that facts are kept",
            ),
        ),
        migrations.AddConstraint(
            model_name="prompttype",
            constraint=models.CheckConstraint(
                condition=_at_least_a_day("keep_texts_days"), name="prompt_type_keeps_texts_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="prompttype",
            constraint=models.CheckConstraint(
                condition=_at_least_a_day("keep_facts_days"), name="prompt_type_keeps_facts_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="prompttype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("keep_texts_days__isnull", True),
                    ("keep_facts_days__isnull", True),
                    ("keep_texts_days__lte", models.F("keep_facts_days")),
                    _connector="OR",
                ),
                name="prompt_type_keeps_facts_longer",
            ),
        ),
        migrations.CreateModel(
            name="RetentionProgress",
            fields=[
                (
                    "prompt_type",
                    models.OneToOneField(
                        db_column="prompt_type",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="prompts.prompttype",
                        to_field="slug",
                        verbose_name="prompt type",
                    ),
                ),
                ("texts_erased_until", models.DateTimeField()),
            ],
            options={
                "verbose_name": "progress of a retention",
                "verbose_name_plural": "progress of retentions",
                "db_table": "retention_progress",
            },
        ),
    ]
