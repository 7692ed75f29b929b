"""The one change that labels can undergo: to be erased with their document."""

from django.db import migrations

from documents.migrations._erasing import teach


class Migration(migrations.Migration):
    dependencies = [("documents", "0006_erasing_try_outs")]

    operations = [
        teach("labelled_documents"),
    ]
