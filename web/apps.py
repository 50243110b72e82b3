from django.apps import AppConfig


class WebConfig(AppConfig):
    """What officers see."""

    name = "web"
    verbose_name = "Bàn làm việc"

    def ready(self) -> None:
        """Listen to sign-ins."""
        from web import sign_in_events  # noqa: F401 - its receivers connect themselves
