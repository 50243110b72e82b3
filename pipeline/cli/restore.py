"""``sohoa restore``: store, events and index from a backup, or a rehearsal of it."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from pipeline.cli.status import set_up_django
from pipeline.configuration import BESIDE_SETTINGS, PREFIX, load_settings
from pipeline.embedded import connected
from pipeline.exit_codes import ExitCode


@click.command("restore", help="Khôi phục kho, sự kiện và cơ sở dữ liệu từ bản sao lưu, rồi chứng minh lại.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--drill", is_flag=True, help="Diễn tập trên một thư mục tạm, không đụng tới dữ liệu thật.")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(folder: Path, drill: bool, as_json: bool) -> int:
    """Restore and prove; exit code 7 unless everything came back equal."""
    result = _drill(folder) if drill else _restore(folder.resolve())
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        click.echo(
            f"Đã khôi phục {result['objects']} đối tượng, {result['events']} sự kiện, "
            f"{result['records']} hồ sơ; {result['unequal']} hồ sơ khác bản lưu."
        )
        for code, key in result["problems"]:
            click.echo(f"  {code}: {key}")
        click.echo("Khôi phục trọn vẹn." if result["clean"] else "Khôi phục CHƯA trọn vẹn.")
    return int(ExitCode.OK if result["clean"] else ExitCode.INTEGRITY)


def _restore(folder: Path) -> dict[str, Any]:
    settings = load_settings()
    with connected(settings, ("store", "postgres")) as endpoints:
        set_up_django()
        from pipeline.backup import TRUST, Backup
        from pipeline.events import record_event, verify_chain
        from pipeline.index import Rebuilding, unequal_records
        from pipeline.intake import open_vault
        from pipeline.models import Record
        from storage.checks import Outcome
        from storage.verify import load_trust, verify_bucket

        vault, backup = open_vault(settings, endpoints), Backup(folder)
        put, chain = backup.restore(vault.store), backup.restore_events()
        rebuilt = Rebuilding(vault, actor=getpass.getuser()).run()
        problems = [*put.problems, *chain.problems, *((p.code, p.key) for p in rebuilt.problems)]
        unequal = list(unequal_records(vault))
        problems += [("RECORD_DIFFERS", record) for record in unequal]
        roots = load_trust(folder / TRUST)
        proved = 0
        for bucket in (vault.sealed, vault.originals, vault.packages):
            for report in verify_bucket(vault.store, bucket, roots):
                proved += 1
                problems += [(c.code, report.key) for c in report.checks if c.outcome is Outcome.FAILED]
        if not verify_chain().sound:
            problems.append(("EVENT_CHAIN_BROKEN", ""))
        record_event("store.restored", actor=getpass.getuser(), data=dict(put.counts))
        return {
            "objects": put.counts["restored"],
            "left_out": put.counts["left_out"],
            "events": chain.counts["events"],
            "records": Record.objects.count(),
            "unequal": len(unequal),
            "proved": proved,
            "problems": problems,
            "clean": not problems,
        }


def _drill(folder: Path) -> dict[str, Any]:
    """The same command in a process of its own, over servers and a data folder that go away with it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX) or k in BESIDE_SETTINGS}
    kept.pop("SOHOA_CONFIG", None)
    # servers under an account of their own have to pass the folder
    with tempfile.TemporaryDirectory(prefix="sohoa-dien-tap-") as place:
        Path(place).chmod(0o711)
        start = [sys.executable, "-c", "from pipeline.cli import main; main()"]
        start += ["--data-dir", f"{place}/data", "restore", str(folder.resolve()), "--json"]
        done = subprocess.run(start, env=kept, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise click.ClickException(f"Diễn tập không chạy được: {done.stderr.strip()[-1000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result
