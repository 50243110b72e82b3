"""The lines of a form in the orders in which printings have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from ocr.forms.schema import Row
from ocr.layout import Placement

_PARENT = re.compile(r"(?:cha|me)(?=[A-Z])")
Rows = tuple[Row, ...]


def orders(rows: Sequence[Row]) -> tuple[Rows, ...]:
    """The rows as the form file lists them, and with the parents exchanged if they stand side by side.

    Forms of one period differ in whether the mother comes first or the father; their labels tell.
    """
    listed = tuple(rows)
    for (first, start, middle), (second, after, end) in pairwise(_parents(listed)):
        if first != second and middle == after:
            return listed, (*listed[:start], *listed[after:end], *listed[start:middle], *listed[end:])
    return (listed,)


def best_placed(rows: Sequence[Row], place: Callable[[Rows], Placement]) -> Placement:
    """The rows placed in the order that explains most of the page."""
    return max(map(place, orders(rows)), key=lambda placed: placed.weight)


def _parents(rows: Rows) -> list[tuple[str, int, int]]:
    """Of whom, first row and end of each block about one parent, the section's heading included."""
    blocks: list[tuple[str, int, int]] = []
    for n, row in enumerate(rows):
        parents = {_parent(part.key) for slot in row.slots for part in slot.fields}
        if len(parents) != 1 or "" in parents:
            continue
        (parent,) = parents
        if blocks and blocks[-1][0] == parent and blocks[-1][2] == n:
            blocks[-1] = (parent, blocks[-1][1], n + 1)
        else:
            headed = n > 1 and bool(rows[n - 1].heading)
            blocks.append((parent, n - headed, n + 1))
    return blocks


def _parent(key: str) -> str:
    found = _PARENT.match(key)
    return found[0] if found else ""
