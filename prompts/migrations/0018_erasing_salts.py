"""The one change that the salts of a seal can undergo: to be erased with a text."""

from django.db import migrations

SEALS = r"""
CREATE FUNCTION refuse_other_salts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was bytea := OLD.salts;
    becomes bytea := NEW.salts;
    erased CONSTANT bytea := '\x00000000000000000000000000000000';
BEGIN
    IF length(becomes) <> length(was) OR EXISTS (
        SELECT FROM generate_series(1, length(was), 16) AS place
        WHERE substr(becomes, place, 16) NOT IN (substr(was, place, 16), erased)
    ) THEN
        RAISE EXCEPTION 'salts of seals can only be erased' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER prompt_seals_salts_are_only_erased
    BEFORE UPDATE OF salts ON prompt_seals FOR EACH ROW EXECUTE FUNCTION refuse_other_salts();
"""
NO_SEALS = """
DROP TRIGGER prompt_seals_salts_are_only_erased ON prompt_seals;
DROP FUNCTION refuse_other_salts();
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0017_erasing_answers")]

    operations = [
        migrations.RunSQL(SEALS, NO_SEALS),
    ]
