from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from pipeline.sweeper import run_forever


class Command(BaseCommand):
    """Runs beside a worker; see `pipeline.sweeper`."""

    help = "Re-send messages and let go of ended leases until the process PARENT ends."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whose end ends the sweeping."""
        parser.add_argument("parent", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep."""
        run_forever(options["parent"])
