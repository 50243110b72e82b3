"""``sohoa up``: every server, the workers and the desk in one process tree, until Ctrl-C."""

from __future__ import annotations

import json
import logging
import signal
import threading
from types import FrameType

import click
from rich.console import Console
from rich.table import Table

from pipeline.configuration import load_settings
from pipeline.embedded import ALL_PARTS, Embedded
from pipeline.endpoints import Endpoints

PART_NAMES = {
    "postgres": "Cơ sở dữ liệu (PostgreSQL)",
    "redis": "Hàng đợi (Redis)",
    "store": "Kho lưu trữ có khóa (S3)",
    "authority": "Ký số và dấu thời gian (minh họa, không có giá trị pháp lý)",
    "worker": "Máy xử lý (Celery)",
    "web": "Bàn làm việc (trình duyệt)",
}
_FIRST_STEPS = (
    "Tài khoản đầu tiên, gõ ở cửa sổ khác: sohoa account add TÊN --role registrar --role administrator\n"
    "Rồi mở trên trình duyệt:"
)
STATE_NAMES = {
    "starting": "đang khởi động",
    "ready": "sẵn sàng",
    "restarting": "vừa dừng đột ngột, đang chạy lại",
    "stopped": "đã dừng",
}


@click.command("up", help="Chạy toàn bộ trên máy này; Ctrl-C để dừng gọn gàng.")
@click.option("--part", "parts", multiple=True, type=click.Choice(ALL_PARTS), help="Chỉ chạy phần này.")
@click.option(
    "--json", "as_json", is_flag=True, help="In địa chỉ (không có mật khẩu) dạng JSON khi sẵn sàng."
)
def command(parts: tuple[str, ...], as_json: bool) -> None:
    """Start, show where everything is, wait for SIGINT or SIGTERM, stop."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    settings = load_settings()
    console = Console(stderr=as_json)
    wanted = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        wanted.set()
        instance.request_stop()

    instance = Embedded(
        settings,
        parts or ALL_PARTS,
        lasting=True,
        report=lambda part, state: console.print(f"  {PART_NAMES[part]}: {STATE_NAMES[state]}"),
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    endpoints = instance.start()
    try:
        if not wanted.is_set():
            if as_json:
                click.echo(json.dumps(public_addresses(endpoints), ensure_ascii=False))
            else:
                console.print(_table(endpoints, instance))
                if endpoints.web_url:
                    console.print(_FIRST_STEPS, endpoints.web_url, soft_wrap=True)
                console.print(
                    "Ctrl-C để dừng. Mật khẩu của máy chủ nằm trong secrets.json của thư mục dữ liệu."
                )
        instance.wait()
    finally:
        instance.stop()


def public_addresses(endpoints: Endpoints) -> dict[str, str | None]:
    """Give the addresses without any password, fit for a terminal and its history."""
    return {
        "web": endpoints.web_url,
        "database": _without_password(endpoints.database_url),
        "broker": _without_password(endpoints.broker_url),
        "store": endpoints.store.url if endpoints.store else None,
        "tsa": endpoints.tsa_url,
    }


def _table(endpoints: Endpoints, instance: Embedded) -> Table:
    addresses = public_addresses(endpoints)
    keys = {"postgres": "database", "redis": "broker", "store": "store", "authority": "tsa", "web": "web"}
    table = Table("Phần", "Địa chỉ", "pid", title="Sohoa đang chạy")
    pids = instance.pids
    for part, name in PART_NAMES.items():
        address = addresses.get(keys.get(part, "")) or "–"
        table.add_row(name, address, str(pids.get(part, "máy khác" if part in keys else "–")))
    return table


def _without_password(url: str | None) -> str | None:
    if url is None or "@" not in url:
        return url
    scheme, rest = url.split("://", 1)
    credentials, place = rest.rsplit("@", 1)
    user = credentials.split(":", 1)[0]
    return f"{scheme}://{user}@{place}" if user else f"{scheme}://{place}"
