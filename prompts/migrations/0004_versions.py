"""Versions of templates. What reads the whole table of requests comes in 0005, under locks that let writes through."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


# Django's own would check every row under a lock that stops writes.
ADD_VERSION = """
ALTER TABLE prompt_requests ADD COLUMN version_id bigint NULL;
ALTER TABLE prompt_requests ADD CONSTRAINT prompt_requests_version_id_fk FOREIGN KEY (version_id)
    REFERENCES prompt_versions (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""
DROP_VERSION = "ALTER TABLE prompt_requests DROP COLUMN version_id"


class Migration(migrations.Migration):

    dependencies = [
        ('prompts', '0003_immutable_input_and_storage'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PromptVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version_number', models.PositiveIntegerField(verbose_name='number')),
                ('template', models.TextField(verbose_name='template')),
                ('template_sha256', models.CharField(max_length=64, verbose_name='SHA-256 of the template')),
                ('field_schema', models.JSONField(blank=True, help_text='JSON Schema of the expected answer.', null=True, verbose_name='field schema')),
                ('model', models.CharField(blank=True, help_text="Instead of the type's default; may stay empty.", max_length=200, verbose_name='model')),
                ('parameters', models.JSONField(blank=True, default=dict, verbose_name='parameters')),
                ('author', models.CharField(blank=True, max_length=150, verbose_name='author')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                ('is_active', models.BooleanField(default=False, verbose_name='active')),
                ('activated_at', models.DateTimeField(null=True, verbose_name='activated at')),
                ('manual_note', models.TextField(blank=True, max_length=2000, null=True, verbose_name='note')),
                ('test_result_json', models.JSONField(null=True, verbose_name='last test result')),
                ('last_tested_at', models.DateTimeField(null=True, verbose_name='last tested at')),
                ('deleted_at', models.DateTimeField(null=True, verbose_name='deleted at')),
            ],
            options={
                'verbose_name': 'prompt version',
                'verbose_name_plural': 'prompt versions',
                'db_table': 'prompt_versions',
                'ordering': ['prompt_type', '-version_number'],
            },
        ),
        migrations.AddField(
            model_name='promptrequest',
            name='is_sandbox',
            field=models.BooleanField(db_default=False, default=False, verbose_name='sandbox'),
        ),
        migrations.AddField(
            model_name='promptrequest',
            name='variables',
            field=models.JSONField(blank=True, null=True, verbose_name='variables'),
        ),
        migrations.AddField(
            model_name='prompttype',
            name='active_epoch',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='prompttype',
            name='max_template_length',
            field=models.PositiveIntegerField(default=20000, help_text='In characters. Versions that are there already stay as they are.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100000)], verbose_name='longest template'),
        ),
        migrations.AddField(
            model_name='prompttype',
            name='required_placeholders',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64, validators=[django.core.validators.RegexValidator('^[a-z_][a-z0-9_]{0,63}$')]), blank=True, default=list, help_text='Names that each template of this type must have in double braces, separated by commas.', size=None, verbose_name='required placeholders'),
        ),
        migrations.AddField(
            model_name='prompttype',
            name='requires_review',
            field=models.BooleanField(default=False, help_text='A version is activated by somebody other than its author.', verbose_name='requires review'),
        ),
        migrations.AddField(
            model_name='prompttype',
            name='version_counter',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddConstraint(
            model_name='prompttype',
            constraint=models.CheckConstraint(condition=models.Q(('max_template_length__gte', 1), ('max_template_length__lte', 100000)), name='prompt_type_template_length'),
        ),
        migrations.AddField(
            model_name='promptversion',
            name='created_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='prompt_versions', to=settings.AUTH_USER_MODEL, verbose_name='author'),
        ),
        migrations.AddField(
            model_name='promptversion',
            name='prompt_type',
            field=models.ForeignKey(db_column='prompt_type', db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='prompts.prompttype', to_field='slug', verbose_name='prompt type'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ADD_VERSION, DROP_VERSION)],
            state_operations=[
                migrations.AddField(
                    model_name='promptrequest',
                    name='version',
                    field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='prompts.promptversion', verbose_name='version'),
                ),
            ],
        ),
        AddConstraintNotValid(
            model_name='promptrequest',
            constraint=models.CheckConstraint(condition=models.Q(('is_sandbox', False), ('version__isnull', False), _connector='OR'), name='prompt_request_sandbox_tries_a_version'),
        ),
        migrations.AddConstraint(
            model_name='promptversion',
            constraint=models.UniqueConstraint(fields=('prompt_type', 'version_number'), name='prompt_version_number_once'),
        ),
        migrations.AddConstraint(
            model_name='promptversion',
            constraint=models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('prompt_type',), name='prompt_version_one_active'),
        ),
        migrations.AddConstraint(
            model_name='promptversion',
            constraint=models.CheckConstraint(condition=models.Q(('version_number__gte', 1)), name='prompt_version_number_positive'),
        ),
        migrations.AddConstraint(
            model_name='promptversion',
            constraint=models.CheckConstraint(condition=models.Q(('template', ''), _negated=True), name='prompt_version_template_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='promptversion',
            constraint=models.CheckConstraint(condition=models.Q(('is_active', False), models.Q(('activated_at__isnull', False), ('deleted_at__isnull', True)), _connector='OR'), name='prompt_version_active_not_deleted'),
        ),
    ]
