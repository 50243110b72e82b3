from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pipeline", "0002_append_only"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="sealedcopy",
            name="sealed_key_once",
        ),
        migrations.AlterField(
            model_name="sealedcopy",
            name="signature_level",
            field=models.CharField(max_length=20),
        ),
        migrations.AddConstraint(
            model_name="sealedcopy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("signature_level", "AS_DELIVERED"), _negated=True),
                fields=("bucket", "key"),
                name="sealed_key_once",
            ),
        ),
    ]
