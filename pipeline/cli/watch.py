"""``sohoa watch``: receive what a scanner writes into a folder."""

from __future__ import annotations

import getpass
import json
import time
from datetime import datetime
from pathlib import Path

import click

from pipeline.addresses import resolve
from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings

LOOK_SECONDS = 2.0


@click.command(
    "watch", help="Theo dõi thư mục của máy quét: nhận tệp đã ghi xong, rồi chuyển sang thư mục con."
)
@click.argument("folder", metavar="THƯ-MỤC", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--office", default="", help="Mã đơn vị; mặc định theo cấu hình.")
@click.option(
    "--quiet",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="Số giây tệp phải giữ nguyên kích thước thì mới coi là đã ghi xong.",
)
@click.option("--once", is_flag=True, help="Nhận hết những gì đang có rồi dừng.")
@click.option("--json", "as_json", is_flag=True, help="In mỗi tệp một dòng JSON cho chương trình khác.")
def command(folder: Path, office: str, quiet: float, once: bool, as_json: bool) -> None:
    """Look every few seconds; needs running services."""
    settings = load_settings()
    endpoints = resolve(settings)
    set_up_django()
    from pipeline.intake import open_vault, receive_limits
    from pipeline.models import Office
    from pipeline.receive import open_reception
    from pipeline.watching import WatchedFolder

    vault = open_vault(settings, endpoints)
    code = office or settings.office_code
    owner, _ = Office.objects.get_or_create(code=code, defaults={"name": settings.office_name})
    watched = WatchedFolder(folder.resolve(), quiet)
    click.echo(f"Đang theo dõi {folder}; Ctrl-C để dừng.", err=True)
    while True:
        ready = watched.at_rest(time.monotonic())
        if ready:
            with open_reception(
                owner,
                actor=getpass.getuser(),
                vault=vault,
                name=f"Máy quét: {folder.name}",
                limits=receive_limits(settings),
            ) as door:
                for receipt in watched.take(ready, door, datetime.now().astimezone().date()):
                    told = {"path": receipt.path, "code": receipt.code or None, "message": receipt.message}
                    told |= {"scan": receipt.scan, "batch": str(door.batch.pk)}
                    line = f"{receipt.path}: {receipt.message}"
                    click.echo(json.dumps(told, ensure_ascii=False) if as_json else line)
        elif once and not watched.is_waiting:
            return
        time.sleep(min(LOOK_SECONDS, quiet) if once else LOOK_SECONDS)
