"""The one change that a content can undergo: to be erased (docs/decisions/0025-retention.md)."""

from django.db import migrations, models

from documents.migrations._erasing import teach


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_what_never_changes"), ("prompts", "0016_erasing_requests")]

    operations = [
        migrations.AddField(
            model_name="documentfile",
            name="erased_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="erased at"),
        ),
        migrations.AddField(
            model_name="documentfile",
            name="left_on_disk",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
        teach("document_files"),
    ]
