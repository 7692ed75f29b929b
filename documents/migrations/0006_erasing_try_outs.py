"""The one change that the variables of a try-out can undergo: to be erased with its request."""

from django.db import migrations

from documents.migrations._erasing import teach


class Migration(migrations.Migration):
    dependencies = [("documents", "0005_erasing_batches")]

    operations = [
        teach("document_sandbox_runs"),
    ]
