"""Headings of ruled tables, read cell by cell where the reading of the whole page lost them.

A reader of whole pages takes small print between rules for anything. Which book a page belongs to and which
column holds what is told by these headings, so a page that lost them loses all its records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ocr.elements import Box, Line, Word
from ocr.engines.base import Engine
from ocr.forms.schema import Column
from ocr.layout_table import Grid, column_likeness, find_grid, heading_of
from ocr.leaf import Leaf, ReadRegion, written_lines_of
from ocr.rereading import print_in

_FEWEST_COLUMNS = 4
_TOLD, _ENOUGH = 0.7, 0.6
"""A heading is told from this likeness on; a table of which such a share is told was read well enough."""
_INSIDE = 0.2
"""How far the rules of a cell are kept away from, in heights of a printed word."""
_LINE, _TALLEST = 0.9, 1.6
"""From one line of a heading to the next, and height of a line at most, in heights of a printed word."""
_SLACK = 0.3
"""How far from its place the gap between two lines is looked for, in the same."""


def with_headings(leaf: Leaf, columns: Iterable[Column], engine: Engine) -> ReadRegion:
    """The region of a leaf, its table's headings read again if hardly any were read.

    Args:
        leaf: the whole region.
        columns: of all forms.
        engine: reads print.
    """
    source = leaf.source
    grid = find_grid(leaf)
    if grid is None or len(grid.columns) <= _FEWEST_COLUMNS:
        return source
    known = list({column.label: column for column in columns}.values())
    cells = range(len(grid.columns) - 1)
    told = sum(
        max((column_likeness(heading_of(leaf, grid, n), column) for column in known), default=0.0) >= _TOLD
        for n in cells
    )
    if told >= _ENOUGH * len(cells):
        return source
    read = {n: words for n in cells if (words := _read(leaf, _inside(leaf, grid, n), engine))}
    if not read:
        return source
    lost = {id(w) for n in read for w in leaf.words_in(grid.cell(0, n))}
    lines = [Line(tuple(w for w in line.words if id(w) not in lost)) for line in source.text.lines]
    lines += [Line((word,)) for words in read.values() for word in words]
    return replace(source, text=replace(source.text, lines=tuple(line for line in lines if line.words)))


def _inside(leaf: Leaf, grid: Grid, column: int) -> Box:
    left, top, right, bottom = grid.cell(0, column)
    edge = round(_INSIDE * leaf.height)
    return left + edge, top + edge, right - edge, bottom - edge


def _read(leaf: Leaf, cell: Box, engine: Engine) -> list[Word]:
    """Words of the lines of one heading."""
    lines = [line for box in written_lines_of(leaf, cell, []) for line in _parted(leaf, box)]
    return [word for line in lines for word in print_in(leaf, line, engine)]


def _parted(leaf: Leaf, box: Box) -> list[Box]:
    """A box of print cut between its lines, which marks and tails join."""
    left, top, right, bottom = box
    step = (bottom - top) / max(1, round((bottom - top) / (_LINE * leaf.height)))
    if step > _TALLEST * leaf.height:
        return []
    rows = (leaf.ink.strokes[top:bottom, left:right] > 0).sum(axis=1)
    reach = round(_SLACK * leaf.height)
    cuts = [top]
    for at in np.arange(step, bottom - top - step / 2, step):
        low = max(1, round(at) - reach)
        cuts.append(top + low + int(np.argmin(rows[low : round(at) + reach + 1])))
    return [(left, upper, right, lower) for upper, lower in pairwise([*cuts, bottom])]
