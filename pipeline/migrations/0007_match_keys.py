from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0006_register_queries")]

    operations = [
        migrations.AddField(
            model_name="record",
            name="match_keys",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddIndex(
            model_name="record",
            index=GinIndex(fields=["match_keys"], name="record_match_keys"),
        ),
    ]
