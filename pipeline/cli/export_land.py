"""``sohoa export pl3``: the land sheet."""

from __future__ import annotations

import click


@click.command("pl3", help="Phiếu thu thập PL3 của hồ sơ đất đai.")
def command() -> None:
    """Make the sheet."""
