"""The tables of the log."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditCheckpoint',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('size', models.BigIntegerField(verbose_name='length of the chain')),
                ('head', models.BinaryField(max_length=32, verbose_name='hash of the last link')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('key_id', models.CharField(max_length=64, verbose_name='key')),
                ('signature', models.BinaryField(max_length=64, verbose_name='signature')),
            ],
            options={
                'verbose_name': 'checkpoint',
                'verbose_name_plural': 'checkpoints',
                'db_table': 'audit_checkpoints',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(editable=False, verbose_name='at')),
                ('actor_label', models.CharField(blank=True, max_length=150, verbose_name="actor's name")),
                ('action', models.CharField(max_length=100, verbose_name='action')),
                ('target_type', models.CharField(blank=True, max_length=100, verbose_name='target type')),
                ('target_id', models.CharField(blank=True, max_length=100, verbose_name='target id')),
                ('target_label', models.CharField(blank=True, max_length=200, verbose_name='target')),
                ('channel', models.CharField(blank=True, max_length=20, verbose_name='channel')),
                ('address', models.GenericIPAddressField(blank=True, null=True, verbose_name='address')),
                ('content', models.TextField(verbose_name='content')),
                ('content_hash', models.BinaryField(max_length=32, verbose_name='SHA-256 of the content')),
                ('actor', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit log',
                'db_table': 'audit_logs',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='UnsealedEntry',
            fields=[
                ('entry', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='audit.auditentry')),
            ],
            options={
                'db_table': 'audit_unsealed',
            },
        ),
        migrations.CreateModel(
            name='AuditLink',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='number')),
                ('prev_hash', models.BinaryField(max_length=32, verbose_name='hash of the link before')),
                ('hash', models.BinaryField(max_length=32, verbose_name='hash')),
                ('sealed_at', models.DateTimeField(verbose_name='sealed at')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='link', to='audit.auditentry', verbose_name='entry')),
            ],
            options={
                'verbose_name': 'link',
                'verbose_name_plural': 'links',
                'db_table': 'audit_links',
                'ordering': ['seq'],
            },
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='audit_entry_list'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(models.F('action'), models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='audit_entry_action_list'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(models.F('channel'), models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='audit_entry_channel_list'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(models.F('actor'), models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='audit_entry_actor_list'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(models.F('target_type'), models.F('target_id'), models.OrderBy(models.F('at'), descending=True), name='audit_entry_target_list'),
        ),
    ]
