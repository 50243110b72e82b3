from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pipeline", "0003_sealed_as_delivered"),
    ]

    operations = [
        migrations.AddField(
            model_name="fieldvalue",
            name="signals",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
