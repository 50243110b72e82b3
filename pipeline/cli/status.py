"""``sohoa status``: how far everything is, by office, book, form and state."""

from __future__ import annotations

import json
import logging
import os
from collections import Counter
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from pipeline.addresses import resolve
from pipeline.configuration import load_settings


@click.command("status", help="Tiến độ theo đơn vị, sổ, loại và trạng thái.")
@click.option("--office", default="", help="Chỉ xem đơn vị có mã này.")
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")
def command(office: str, as_json: bool) -> None:
    """Count and print; needs running services."""
    settings = load_settings()
    resolve(settings)
    set_up_django()
    from django.utils import timezone

    from pipeline.progress import by_office
    from pipeline.progress_report import told_forecasts

    counts = by_office(office) | {"forecast": told_forecasts(office, timezone.localdate(), settings.deadline)}
    if as_json:
        click.echo(json.dumps(counts, ensure_ascii=False, indent=1))
    else:
        _show(counts)


def set_up_django() -> None:
    """Load models and settings once the servers have addresses; say only what matters on a terminal."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipeline.settings")
    import django

    django.setup()
    logging.getLogger().setLevel(logging.WARNING)


def _show(counts: dict[str, Any]) -> None:
    from pipeline.models import RecordState
    from pipeline.progress_report import OUTCOMES

    table = Table(title="Hồ sơ theo đơn vị, loại và trạng thái")
    for name in ("Đơn vị", "Loại", "Trạng thái", "Số hồ sơ"):
        table.add_column(name, justify="right" if name == "Số hồ sơ" else "left")
    sums: Counter[tuple[str, str, str]] = Counter()
    for row in counts["records"]:
        sums[row["office_name"], row["form"], row["state"]] += row["count"]
    for (office, form, state), number in sorted(sums.items()):
        table.add_row(office, form, str(RecordState(state).label), str(number))
    console = Console()
    console.print(table)
    for row in counts["held"]:
        console.print(f"  {row['code']}: {row['count']} tệp ({row['office']})")
    for row in counts["forecast"]:
        finish = f": xong khoảng {row['finish']}" if row["finish"] else ""
        told = f"{OUTCOMES[row['outcome']]}{finish}."
        console.print(f"  {row['office_name']}: còn {row['remaining']} hồ sơ phải duyệt. {told}")
    console.print(f"Tổng: {counts['totals']['scans']} tệp, {counts['totals']['records']} hồ sơ.")
