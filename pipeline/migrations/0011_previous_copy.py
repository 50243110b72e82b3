"""A replacement names the copy that it replaced as it then stood."""

from django.db import migrations, models


def fill(apps, _):
    for made in apps.get_model("pipeline", "Replacement").objects.select_related("previous").iterator():
        copy = made.previous
        made.previous_copy = {"bucket": copy.bucket, "key": copy.key, "sha256": copy.sha256}
        made.save(update_fields=["previous_copy"])


class Migration(migrations.Migration):
    dependencies = [
        ("pipeline", "0010_search"),
    ]

    operations = [
        migrations.AddField("replacement", "previous_copy", models.JSONField(default=dict), preserve_default=False),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
