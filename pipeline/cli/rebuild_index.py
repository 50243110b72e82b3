"""``sohoa rebuild-index``: the database from the store alone."""

from __future__ import annotations

import getpass
import json

import click

from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.embedded import connected
from pipeline.exit_codes import ExitCode


@click.command("rebuild-index", help="Dựng lại cơ sở dữ liệu chỉ từ kho lưu trữ.")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(as_json: bool) -> int:
    """Build; exit code 7 where something in the store does not fit."""
    settings = load_settings()
    with connected(settings, ("store", "postgres")) as endpoints:
        set_up_django()
        from pipeline.index import Rebuilding
        from pipeline.intake import open_vault

        done = Rebuilding(open_vault(settings, endpoints), actor=getpass.getuser()).run()
    problems = [{"code": p.code, "key": p.key} for p in done.problems]
    if as_json:
        click.echo(json.dumps({"counts": done.counts, "problems": problems}, ensure_ascii=False, indent=1))
    else:
        counts = done.counts
        click.echo(
            f"Đã dựng lại {counts.get('records', 0)} hồ sơ, {counts.get('copies', 0)} bản lưu, "
            f"{counts.get('scans', 0)} tệp; {counts.get('to_read_again', 0)} tệp sẽ được đọc lại."
        )
        for problem in problems:
            click.echo(f"  {problem['code']}: {problem['key']}")
    return int(ExitCode.INTEGRITY if problems else ExitCode.OK)
