"""Nothing that was written down is changed or taken away; each new entry waits for its place in the chain."""

from django.db import migrations

TABLES = ("audit_logs", "audit_links", "audit_checkpoints")
GUARD = """
CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION queue_for_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (entry_id) VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER audit_logs_wait_for_sealing
    AFTER INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION queue_for_sealing();
"""
UNGUARD = """
DROP TRIGGER audit_logs_wait_for_sealing ON audit_logs;
DROP FUNCTION queue_for_sealing();
DROP FUNCTION refuse_change_of_audit();
"""
GUARD_TABLE = """
CREATE TRIGGER {table}_are_append_only
    BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit();
CREATE TRIGGER {table}_are_never_emptied
    BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();
"""
UNGUARD_TABLE = """
DROP TRIGGER {table}_are_never_emptied ON {table};
DROP TRIGGER {table}_are_append_only ON {table};
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        *[migrations.RunSQL(GUARD_TABLE.format(table=table), UNGUARD_TABLE.format(table=table)) for table in TABLES],
    ]
