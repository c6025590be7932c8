"""A stamp of the directory that every web process keeps in memory (docs/search.md, "The directory and its stamp").

Any statement that touches operators, agreements, offerings, prices or weights leaves a row here, in its own
transaction. A search reads which rows there are; it differs as soon as such a transaction commits, in whatever order
they do, and never returns to an earlier value, since ids are not used twice. Every hundredth row sweeps older ones.
"""

from django.db import migrations

TABLES = ("partners_operator", "partners_agreement", "partners_offering", "partners_price", "search_rankingweights")

UP = """
CREATE TABLE search_change (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE FUNCTION search_directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fresh bigint;
BEGIN
    INSERT INTO search_change DEFAULT VALUES RETURNING id INTO fresh;
    IF fresh % 100 = 0 THEN
        DELETE FROM search_change WHERE id IN
            (SELECT id FROM search_change WHERE id < fresh - 100 ORDER BY id FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN NULL;
END $$;
"""
ON = """
CREATE TRIGGER search_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {0}
    FOR EACH STATEMENT EXECUTE FUNCTION search_directory_changed();
"""
OFF = "DROP TRIGGER search_directory ON {0};"
DOWN = "DROP FUNCTION search_directory_changed(); DROP TABLE search_change;"


class Migration(migrations.Migration):
    dependencies = [("search", "0002_promise_by_operator_and_area")]

    operations = [
        migrations.RunSQL(
            UP + "".join(ON.format(table) for table in TABLES), "".join(OFF.format(table) for table in TABLES) + DOWN
        )
    ]
