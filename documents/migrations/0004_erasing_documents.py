"""The one change that a document can undergo: to be erased."""

from django.db import migrations, models

from documents.migrations._erasing import teach


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_erasing_files")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="erased_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="erased at"),
        ),
        teach("documents"),
    ]
