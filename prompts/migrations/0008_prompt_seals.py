"""Answered requests in sealed batches. Only salts change: an erased text loses its salt."""

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

GUARD = """
CREATE FUNCTION refuse_change_of_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'seals can not be changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER prompt_seals_are_immutable
    BEFORE UPDATE OF id, entry_id, root, size, answered, last_response_id, is_late, request_ids, leaves OR DELETE
    ON prompt_seals FOR EACH ROW EXECUTE FUNCTION refuse_change_of_seal();
CREATE TRIGGER prompt_seals_are_never_emptied
    BEFORE TRUNCATE ON prompt_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_seal();
"""
UNGUARD = """
DROP TRIGGER prompt_seals_are_never_emptied ON prompt_seals;
DROP TRIGGER prompt_seals_are_immutable ON prompt_seals;
DROP FUNCTION refuse_change_of_seal();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_append_only'),
        ('prompts', '0007_seed_versions'),
    ]

    operations = [
        migrations.CreateModel(
            name='PromptSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('root', models.BinaryField(max_length=32, verbose_name='root')),
                ('size', models.PositiveIntegerField(verbose_name='answers')),
                ('answered', django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name='answered')),
                ('last_response_id', models.UUIDField()),
                ('is_late', models.BooleanField(default=False)),
                ('request_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('leaves', models.BinaryField()),
                ('salts', models.BinaryField()),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.auditentry', verbose_name='entry')),
            ],
            options={
                'verbose_name': 'seal',
                'verbose_name_plural': 'seals',
                'db_table': 'prompt_seals',
                'ordering': ['-id'],
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['answered'], name='prompt_seal_answered')],
                'constraints': [models.CheckConstraint(condition=models.Q(('size__gte', 1)), name='prompt_seal_not_empty')],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
