import django.db.models.deletion
from django.db import migrations, models

TABLE = "pipeline_note"
FORWARD = f"""
CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION pipeline_refuse_change();
CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION pipeline_refuse_change();
"""
BACKWARD = f"DROP TRIGGER {TABLE}_append_only ON {TABLE}; DROP TRIGGER {TABLE}_no_truncate ON {TABLE};"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0011_previous_copy")]

    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=500)),
                ("actor", models.CharField(max_length=150)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="pipeline.record",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True)
                        & models.Q(("actor", ""), _negated=True),
                        name="note_says_something",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="fieldvalue",
            index=models.Index(
                condition=models.Q(("decision__in", ["NEEDS_PERSON_TWO_KEYS", "NEEDS_PERSON_KEYS_DIFFER"])),
                fields=["record"],
                name="field_double_keying",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
