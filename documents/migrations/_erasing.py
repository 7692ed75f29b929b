"""What erasing makes of the rows of each table, for the migrations that teach it to the tables' triggers.

One table a migration: a writer takes locks in an order of its own, and would meet a migration that holds one table and
waits for the next.
"""

from django.db import migrations

RAISE = "RAISE EXCEPTION 'this part of % can not be changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'"


def _function(table, allowed):
    """A trigger function that lets an update through which makes exactly of the row what `allowed` writes."""
    return f"""
CREATE FUNCTION {table}_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed {table}%ROWTYPE := OLD;
BEGIN
    {allowed}
    IF NEW IS DISTINCT FROM allowed THEN
        {RAISE};
    END IF;
    RETURN NEW;
END $$;
"""


#: Table: the columns that an update has to name to be looked at, and what erasing makes of the row.
ERASING = {
    "documents": (
        "id, user_id, file_id, name, created_at, erased_at",
        """IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL
        AND EXISTS (SELECT FROM document_files WHERE id = NEW.file_id AND erased_at IS NOT NULL) THEN
        allowed.erased_at := NEW.erased_at;
        allowed.name := '[erased]';
        allowed.file_id := NEW.file_id;
    END IF;""",
    ),
    "document_files": (
        "id, sha256, size, media_type, reader, created_at, erased_at, left_on_disk",
        """IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL THEN
        allowed := NEW;
        allowed.id := OLD.id;
        allowed.size := OLD.size;
        allowed.media_type := OLD.media_type;
        allowed.reader := OLD.reader;
        allowed.created_at := OLD.created_at;
        allowed.page_count := OLD.page_count;
        allowed.sha256 := 'erased-' || OLD.id;
        allowed.left_on_disk := OLD.sha256;
        allowed.state := 'failed';
        allowed.error_code := 'erased';
    ELSIF OLD.erased_at IS NOT NULL AND NEW.left_on_disk = '' THEN
        allowed.left_on_disk := '';
    END IF;""",
    ),
    "document_sandbox_runs": (
        "request_id, document_id, placeholder, variables",
        """IF EXISTS (SELECT FROM prompt_requests WHERE id = OLD.request_id AND texts_erased_at IS NOT NULL) THEN
        allowed.variables := '{}';
    END IF;""",
    ),
    "document_batches": (
        "id, user_id, prompt_type, version_id, model, placeholder, purpose, source, rerun_of_id, labelled_set_id, created_at, erased_at",
        """IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND OLD.state IN ('finished', 'cancelled') THEN
        allowed.erased_at := NEW.erased_at;
        allowed.purpose := '';
        allowed.source := '';
    END IF;""",
    ),
    "labelled_documents": (
        "id, labelled_set_id, position, document_id, expected",
        """IF EXISTS (SELECT FROM documents WHERE id = OLD.document_id AND erased_at IS NOT NULL) THEN
        allowed.expected := '{}';
    END IF;""",
    ),
}
#: As they were before.
CONSTANT = {
    "documents": "UPDATE OF id, user_id, file_id, name, created_at",
    "document_files": "UPDATE OF id, sha256, size, media_type, reader, created_at",
    "document_sandbox_runs": "UPDATE OF request_id, document_id, placeholder, variables",
    "document_batches": (
        "UPDATE OF id, user_id, prompt_type, version_id, model, placeholder, purpose, source, rerun_of_id, labelled_set_id, created_at"
    ),
    "labelled_documents": "UPDATE",
}

def teach(table):
    """The operation that lets the trigger of a table allow erasing."""
    columns, allowed = ERASING[table]
    create = f"""{_function(table, allowed)}
DROP TRIGGER {table}_stay ON {table};
CREATE TRIGGER {table}_stay BEFORE UPDATE OF {columns} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_only_erased();
"""
    drop = f"""
DROP TRIGGER {table}_stay ON {table};
CREATE TRIGGER {table}_stay BEFORE {CONSTANT[table]} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change_of_document();
DROP FUNCTION {table}_only_erased();
"""
    return migrations.RunSQL(create, drop)
