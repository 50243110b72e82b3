"""``sohoa backup``: a second copy of store and events in a folder."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import click

from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.embedded import connected
from pipeline.exit_codes import ExitCode


@click.command("backup", help="Sao lưu kho và chuỗi sự kiện vào một thư mục; chỉ chép phần mới.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Đọc lại toàn bộ bản sao lưu và so mã băm.")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(folder: Path, check: bool, as_json: bool) -> int:
    """Copy what is new; exit code 7 where the store or the backup is not what it should be."""
    settings = load_settings()
    with connected(settings, ("store", "postgres")) as endpoints:
        set_up_django()
        from pipeline.backup import Backup
        from pipeline.events import record_event
        from pipeline.intake import reading_store

        backup = Backup(folder.resolve())
        trust = endpoints.trust_roots or settings.data_dir / "authority" / "trust.pem"
        buckets = (settings.bucket_originals, settings.bucket_sealed, settings.bucket_packages)
        report = backup.write(
            reading_store(settings, endpoints), buckets, trust=trust if trust.is_file() else None
        )
        if check:
            proof = backup.check()
            report.counts.update(proof.counts)
            report.problems += proof.problems
        record_event("store.backed_up", actor=getpass.getuser(), data=dict(report.counts))
    told = {"counts": dict(report.counts), "problems": report.problems}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        click.echo(
            f"Đã chép {report.counts['copied']} trong {report.counts['versions']} phiên bản "
            f"({report.counts['bytes'] / 1e6:.1f} MB), {report.counts['events']} sự kiện mới."
        )
        for code, key in report.problems:
            click.echo(f"  {code}: {key}")
    return int(ExitCode.INTEGRITY if report.problems else ExitCode.OK)
