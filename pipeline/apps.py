from django.apps import AppConfig


class PipelineConfig(AppConfig):
    """Carries batches through; its tables are the truth about every scan and record."""

    name = "pipeline"
    label = "pipeline"
    verbose_name = "Dây chuyền số hóa"
    default_auto_field = "django.db.models.BigAutoField"
