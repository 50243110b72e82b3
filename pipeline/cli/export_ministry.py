"""``sohoa export ministry-pack``: the import pack of one civil-registry book."""

from __future__ import annotations

import click


@click.command("ministry-pack", help="Gói nhập của Bộ Tư pháp cho một quyển sổ hộ tịch.")
def command() -> None:
    """Make the pack."""
