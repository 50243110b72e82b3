from django.apps import AppConfig


class WebConfig(AppConfig):
    """What officers see."""

    name = "web"
    verbose_name = "Bàn làm việc"
