"""``sohoa export …``: hand-over packages, one subcommand each."""

from __future__ import annotations

import click

from pipeline.cli import export_archive, export_data, export_land, export_ministry


@click.group("export", help="Gói giao nộp: gói nhập của Bộ, phiếu đất đai, gói lưu trữ.")
def command() -> None:
    """Hold one subcommand a package."""


for _package in (export_ministry, export_land, export_archive, export_data):
    command.add_command(_package.command)
