from django.apps import AppConfig


class MachinesConfig(AppConfig):
    """Other systems that call this one."""

    name = "pipeline.machines"
    label = "machines"
    verbose_name = "Hệ thống kết nối"
