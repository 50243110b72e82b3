"""What the commands for hand-over packages have in common at the edge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.embedded import connected

if TYPE_CHECKING:
    from pipeline.equipment import Equipment
    from storage.packages.problems import PackageRefused

out_folder = click.Path(file_okay=False, path_type=Path)


@contextmanager
def connected_equipment() -> Iterator[Equipment]:
    """Tools on the servers that run, or on embedded ones for as long as it takes."""
    settings = load_settings()
    with connected(settings, ("store", "postgres")) as endpoints:
        set_up_django()
        from pipeline.equipment import build

        yield build(settings, endpoints)


def tell_refusal(refused: PackageRefused, as_json: bool) -> None:
    """Every reason, with its code."""
    from pipeline.handover.refusals import problems_of, sentence

    problems = problems_of(refused)
    if as_json:
        told = {"refused": True, "code": refused.code, "problems": [asdict(p) for p in problems]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"Không xuất gói nào. {sentence(refused.code)}", err=True)
    for problem in problems:
        click.echo(f"  {problem.code}: {problem.where} – {problem.message}", err=True)
