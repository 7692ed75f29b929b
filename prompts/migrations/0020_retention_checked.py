"""What has to read every request, while writes go on."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("prompts", "0019_erasing_authors")]

    operations = [
        ValidateConstraint(model_name="promptrequest", name="prompt_request_text_unless_awaited"),
        ValidateConstraint(model_name="promptrequest", name="prompt_request_erased_when_ended"),
    ]
