"""The one change that what was said of a batch can undergo: to be erased."""

from django.db import migrations, models

from documents.migrations._erasing import teach


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_erasing_documents")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="erased_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="erased at"),
        ),
        teach("document_batches"),
    ]
