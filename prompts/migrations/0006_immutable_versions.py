"""A version stays as it was made, and so does what a request says of the version that it used."""

from django.db import migrations

INPUT = """
DROP TRIGGER prompt_requests_input_is_immutable ON prompt_requests;
CREATE TRIGGER prompt_requests_input_is_immutable
    BEFORE UPDATE OF id, user_id, model, prompt_type, {columns}prompt_text, purpose, parameters, metadata, replay_of_id, run_at, created_at
    ON prompt_requests FOR EACH ROW EXECUTE FUNCTION refuse_change_of_request_input();
"""

VERSIONS = """
CREATE FUNCTION refuse_change_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'version % of % can not be changed', OLD.version_number, OLD.prompt_type
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER prompt_versions_are_immutable
    BEFORE UPDATE OF id, prompt_type, version_number, template, template_sha256, field_schema, model, parameters,
        created_by_id, author, created_at
    ON prompt_versions FOR EACH ROW EXECUTE FUNCTION refuse_change_of_version();

CREATE TRIGGER prompt_versions_deleted_stay_deleted
    BEFORE UPDATE OF deleted_at ON prompt_versions FOR EACH ROW
    WHEN (OLD.deleted_at IS NOT NULL) EXECUTE FUNCTION refuse_change_of_version();

CREATE TRIGGER prompt_versions_leave_a_tombstone
    BEFORE DELETE ON prompt_versions FOR EACH ROW EXECUTE FUNCTION refuse_change_of_version();

CREATE FUNCTION refuse_lower_version_counter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'counters of prompt type % only rise', OLD.slug USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER prompt_types_counters_only_rise
    BEFORE UPDATE OF version_counter, active_epoch ON prompt_types FOR EACH ROW
    WHEN (NEW.version_counter < OLD.version_counter OR NEW.active_epoch < OLD.active_epoch)
    EXECUTE FUNCTION refuse_lower_version_counter();
"""
NO_VERSIONS = """
DROP TRIGGER prompt_types_counters_only_rise ON prompt_types;
DROP FUNCTION refuse_lower_version_counter();
DROP TRIGGER prompt_versions_leave_a_tombstone ON prompt_versions;
DROP TRIGGER prompt_versions_deleted_stay_deleted ON prompt_versions;
DROP TRIGGER prompt_versions_are_immutable ON prompt_versions;
DROP FUNCTION refuse_change_of_version();
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0005_versions_of_requests")]

    operations = [
        migrations.RunSQL(
            INPUT.format(columns="version_id, variables, is_sandbox, "), INPUT.format(columns="")
        ),
        migrations.RunSQL(VERSIONS, NO_VERSIONS),
    ]
