"""The prompt types that every installation begins with."""

from django.db import migrations

TYPES = [
    ("text", "Text", "Writing, rewriting, summarising and translating."),
    ("code", "Code", "Writing, explaining and reviewing program code."),
    ("report", "Report", "Reports from notes and figures."),
    ("data_analysis", "Data analysis", "Questions about tables and figures."),
    ("ocr_extraction", "OCR extraction", "Fields from the text of a scanned document."),
]


def seed(apps, schema_editor):
    """Add the types that are not there; one that an operator has changed stays as it is."""
    prompt_types = apps.get_model("prompts", "PromptType").objects
    for slug, label, description in TYPES:
        prompt_types.get_or_create(slug=slug, defaults={"label": label, "description": description})


class Migration(migrations.Migration):
    dependencies = [("prompts", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
