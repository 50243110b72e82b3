from django.db import migrations


class Migration(migrations.Migration):
    """The table behind the cache that counts failed sign-ins, as Django's ``createcachetable`` makes it."""

    dependencies = [("people", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE people_cache (
                cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
            );
            CREATE INDEX people_cache_expires ON people_cache (expires);
            """,
            "DROP TABLE people_cache;",
        )
    ]
