from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0008_replacements")]

    operations = [
        migrations.AddField(
            model_name="registercheck",
            name="explained",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
