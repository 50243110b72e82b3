from django.apps import AppConfig


class MachinesConfig(AppConfig):
    """Other systems that call this one."""

    name = "pipeline.machines"
    label = "machines"
    verbose_name = "Hệ thống kết nối"

    def ready(self) -> None:
        """Listen to what happens."""
        from django.db.models.signals import post_save

        from pipeline.machines.webhooks import announce
        from pipeline.models import Event

        post_save.connect(announce, sender=Event, dispatch_uid="webhooks")
