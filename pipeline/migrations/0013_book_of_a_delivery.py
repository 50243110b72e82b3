import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0012_notes_and_double_keying")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="book",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to="pipeline.book",
            ),
        ),
    ]
