from __future__ import annotations

import structlog
from django.apps import AppConfig


class PipelineConfig(AppConfig):
    """Carries batches through; its tables are the truth about every scan and record."""

    name = "pipeline"
    label = "pipeline"
    verbose_name = "Dây chuyền số hóa"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Send structured log lines the way all others go; standard output belongs to results."""
        structlog.configure(
            processors=[
                structlog.stdlib.filter_by_level,
                structlog.stdlib.add_log_level,
                structlog.processors.format_exc_info,
                structlog.processors.KeyValueRenderer(key_order=["event"]),
            ],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=True,
        )
