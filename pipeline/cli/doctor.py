"""``sohoa doctor``: what is installed, what is missing, the next command to type."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from pipeline.doctor import Check, examine, next_step
from pipeline.exit_codes import ExitCode


@click.command("doctor", help="Kiểm tra máy này: có gì, thiếu gì, gõ lệnh gì tiếp theo.")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Print the checks; the exit code is SERVICES when something needed is missing."""
    checks = examine()
    complete = all(check.ok for check in checks if check.needed)
    if as_json:
        answer = {"ok": complete, "checks": [asdict(check) for check in checks], "next": next_step(checks)}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _print_table(checks)
    ctx.exit(ExitCode.OK if complete else ExitCode.SERVICES)


def _print_table(checks: list[Check]) -> None:
    console = Console()
    table = Table("", "Phần", "Tìm thấy", "Lệnh cần gõ", title="Kiểm tra máy")
    for check in checks:
        mark = "[green]✓[/]" if check.ok else "[red]✗[/]" if check.needed else "[yellow]–[/]"
        table.add_row(mark, check.name, check.found, check.next_step)
    console.print(table)
    step = next_step(checks)
    console.print(f"Gõ tiếp: [bold]{step}[/]" if step else "Đầy đủ.")
