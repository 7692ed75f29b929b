"""Finding the contents that are still to be taken from the disk. Built while writes go on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("documents", "0007_erasing_labels")]

    operations = [
        AddIndexConcurrently(
            model_name="documentfile",
            index=models.Index(
                "left_on_disk",
                condition=models.Q(("left_on_disk", ""), _negated=True),
                name="document_file_left_on_disk",
            ),
        ),
    ]
