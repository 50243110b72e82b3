"""``sohoa hold …``: legal holds, and locks that are renewed before they end."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

from pipeline.addresses import resolve
from pipeline.cli.status import set_up_django
from pipeline.configuration import Settings, load_settings
from pipeline.exit_codes import ExitCode

_json = click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")


@click.group("hold", help="Giữ bản lưu theo yêu cầu pháp lý; gia hạn khóa của hồ sơ lưu vĩnh viễn.")
def command() -> None:
    """Hold the commands about locks."""


@command.command("set", help="Giữ hoặc thôi giữ mọi bản lưu và bản gốc của một hồ sơ.")
@click.argument("record", type=click.UUID)
@click.option("--on/--off", "on", required=True, help="Giữ, hoặc thôi giữ.")
@click.option("--reason", required=True, help="Căn cứ, được lưu lại.")
@_json
def set_hold(record: UUID, on: bool, reason: str, as_json: bool) -> int:
    """Hold every version and the original."""
    settings = load_settings()
    endpoints = resolve(settings)
    set_up_django()
    from pipeline.events import record_event
    from pipeline.intake import open_vault
    from pipeline.models import Record

    row = Record.objects.filter(pk=record).select_related("scan", "office").first()
    if row is None:
        click.echo("Không có hồ sơ này.", err=True)
        return int(ExitCode.INPUT)
    store = open_vault(settings, endpoints).store
    places = {(c.bucket, c.key, c.version_id) for c in row.sealed_copies.all()}
    places.add((row.scan.bucket, row.scan.key, row.scan.version_id))
    for place in sorted(places):
        store.set_legal_hold(*place, on=on)
    record_event(
        "record.held" if on else "record.released",
        actor=getpass.getuser(),
        office=row.office.code,
        purpose=reason,
        subject=f"record:{row.pk}",
        data={"objects": len(places)},
    )
    done = f"Đã {'giữ' if on else 'thôi giữ'} {len(places)} đối tượng."
    click.echo(json.dumps({"objects": len(places), "on": on}) if as_json else done)
    return int(ExitCode.OK)


@command.command("extend", help="Gia hạn khóa sắp hết của các hồ sơ lưu vĩnh viễn.")
@click.option("--within-days", default=3650, show_default=True, help="Khóa hết trong số ngày này.")
@_json
def extend(within_days: int, as_json: bool) -> int:
    """Renew the locks of permanent classes, copies and originals alike."""
    settings = load_settings()
    endpoints = resolve(settings)
    set_up_django()
    from pipeline.events import record_event
    from pipeline.intake import open_vault
    from pipeline.models import SealedCopy
    from storage.objects import StoredObject

    vault = open_vault(settings, endpoints)
    due = datetime.now(UTC) + timedelta(days=within_days)
    extended = 0
    copies = SealedCopy.objects.filter(record__form__in=permanent(settings), locked_until__lt=due)
    for copy in copies.select_related("record__scan").iterator():
        until, scan = vault.until(copy.record.form), copy.record.scan
        kept = StoredObject(copy.bucket, copy.key, copy.version_id, copy.sha256, copy.size, None)
        extended += vault.store.prolong(kept, until)
        original = StoredObject(scan.bucket, scan.key, scan.version_id, scan.sha256, scan.size, None)
        extended += vault.store.prolong(original, until)
        copy.locked_until = until
        copy.save(update_fields=["locked_until"])
    record_event("locks.extended", actor=getpass.getuser(), data={"objects": extended})
    told = f"Đã gia hạn khóa của {extended} đối tượng."
    click.echo(json.dumps({"extended": extended}) if as_json else told)
    return int(ExitCode.OK)


def permanent(settings: Settings) -> list[str]:
    """Classes whose locks are renewed for ever."""
    return [name for name, years in settings.retention_years.items() if years == "permanent"]
