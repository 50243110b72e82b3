"""``sohoa search index``: search keys for records that have none yet."""

from __future__ import annotations

import json

import click

from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.embedded import connected


@click.group("search", help="Tra cứu: bổ sung khóa tìm kiếm.")
def command() -> None:
    """Hold the commands about searching."""


@command.command("index", help="Bổ sung khóa tìm kiếm cho hồ sơ chưa có; gõ lại thì làm tiếp.")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def index(as_json: bool) -> None:
    """Write what is missing; needs a database."""
    with connected(load_settings(), ("postgres",)):
        set_up_django()
        from pipeline.search_backfill import index_missing

        records = index_missing()
    told = f"Đã bổ sung khóa tìm kiếm cho {records} hồ sơ."
    click.echo(json.dumps({"records": records}) if as_json else told)
