from django.db import migrations


def _stage(apps, _, stage: str) -> None:
    apps.get_model("pipeline", "Finding").objects.filter(code="BOOK_NOT_AS_CHOSEN").update(stage=stage)


class Migration(migrations.Migration):
    """These findings have a stage of their own, so that a word about one record judges them again."""

    dependencies = [("pipeline", "0013_book_of_a_delivery")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: _stage(apps, editor, "chosen_book"),
            lambda apps, editor: _stage(apps, editor, "books"),
        )
    ]
