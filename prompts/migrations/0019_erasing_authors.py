"""The name of an author goes with the account that it is the name of, and in no other way."""

from django.db import migrations

VERSIONS = """
CREATE FUNCTION refuse_other_author() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.author <> OLD.author AND NOT EXISTS (
        SELECT FROM users WHERE id = OLD.created_by_id AND username = NEW.author AND NOT is_active
    ) THEN
        RAISE EXCEPTION 'version % of % can not be changed', OLD.version_number, OLD.prompt_type
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER prompt_versions_are_immutable ON prompt_versions;
CREATE TRIGGER prompt_versions_are_immutable
    BEFORE UPDATE OF id, prompt_type, version_number, template, template_sha256, field_schema, model, parameters,
        created_by_id, created_at
    ON prompt_versions FOR EACH ROW EXECUTE FUNCTION refuse_change_of_version();
CREATE TRIGGER prompt_versions_authors_stay
    BEFORE UPDATE OF author ON prompt_versions FOR EACH ROW EXECUTE FUNCTION refuse_other_author();
"""
NO_VERSIONS = """
DROP TRIGGER prompt_versions_authors_stay ON prompt_versions;
DROP FUNCTION refuse_other_author();
DROP TRIGGER prompt_versions_are_immutable ON prompt_versions;
CREATE TRIGGER prompt_versions_are_immutable
    BEFORE UPDATE OF id, prompt_type, version_number, template, template_sha256, field_schema, model, parameters,
        created_by_id, author, created_at
    ON prompt_versions FOR EACH ROW EXECUTE FUNCTION refuse_change_of_version();
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0018_erasing_salts")]

    operations = [
        migrations.RunSQL(VERSIONS, NO_VERSIONS),
    ]
