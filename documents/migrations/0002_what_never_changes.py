"""What was read, measured and pinned stays as it was written (docs/data-model.md)."""

from django.db import migrations

#: Tables of which no column changes.
WRITTEN_ONCE = ("document_pages", "labelled_sets", "labelled_documents", "accuracy_runs")
#: Columns that stay while others of the row move on.
CONSTANT = {
    "documents": "id, user_id, file_id, name, created_at",
    "document_files": "id, sha256, size, media_type, reader, created_at",
    "document_sandbox_runs": "request_id, document_id, placeholder, variables",
    "document_batches": (
        "id, user_id, prompt_type, version_id, model, placeholder, purpose, source, rerun_of_id, labelled_set_id, created_at"
    ),
    "document_batch_items": "id, batch_id, position, document_id",
}
FUNCTION = """
CREATE FUNCTION refuse_change_of_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this part of % can not be changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def _triggers():
    for table in WRITTEN_ONCE:
        yield table, "UPDATE"
    for table, columns in CONSTANT.items():
        yield table, f"UPDATE OF {columns}"


CREATE = FUNCTION + "".join(
    f"CREATE TRIGGER {table}_stay BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change_of_document();\n"
    for table, event in _triggers()
)
DROP = "".join(f"DROP TRIGGER {table}_stay ON {table};\n" for table, _event in _triggers())

# A file and an item are updated a few times within minutes: room on the page, and early vacuuming.
STORAGE = """
ALTER TABLE document_files SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE document_batch_items SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
"""
DEFAULT_STORAGE = """
ALTER TABLE document_batch_items RESET (fillfactor, autovacuum_vacuum_scale_factor);
ALTER TABLE document_files RESET (fillfactor, autovacuum_vacuum_scale_factor);
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [
        migrations.RunSQL(CREATE, DROP + "DROP FUNCTION refuse_change_of_document();"),
        migrations.RunSQL(STORAGE, DEFAULT_STORAGE),
    ]
