"""Page texts as JSON that fits a database, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ocr.elements import Bend, Line, PageText, Transform, Word


def storable(value: Any) -> Any:
    """Plain JSON that PostgreSQL takes: without NUL and lone surrogates, which a broken reader may give."""
    if isinstance(value, str):
        if "\0" in value:
            value = value.replace("\0", "")
        return value.encode("utf-8", "ignore").decode("utf-8")
    if isinstance(value, dict):
        return {storable(k): storable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(v) for v in value]
    return value


def text_json(text: PageText) -> dict[str, Any]:
    """One region; a word is ``[text, left, top, right, bottom, confidence]`` in region pixels.

    Only a leaf that was laid flat has a ``bend``.
    """
    bend = text.transform.bend
    return {
        "page": text.page,
        "width": text.width,
        "height": text.height,
        "engine": text.engine,
        "transform": list(text.transform.matrix),
        **({} if bend is None else {"bend": _bend_json(bend)}),
        "lines": [
            [[w.text, *(int(v) for v in w.box), round(float(w.confidence), 4)] for w in line.words]
            for line in text.lines
        ],
    }


def text_of(data: dict[str, Any]) -> PageText:
    """What `text_json` wrote."""
    return PageText(
        page=data["page"],
        width=data["width"],
        height=data["height"],
        lines=tuple(Line(tuple(_word(w) for w in line)) for line in data["lines"]),
        transform=Transform(tuple(data["transform"]), _bend(data.get("bend"))),
        engine=data["engine"],
    )


def _word(parts: Sequence[Any]) -> Word:
    text, left, top, right, bottom, confidence = parts
    return Word(text, (left, top, right, bottom), confidence)


def _bend_json(bend: Bend) -> dict[str, Any]:
    return {"width": bend.width, "height": bend.height, "down": [list(row) for row in bend.down]}


def _bend(data: dict[str, Any] | None) -> Bend | None:
    if data is None:
        return None
    return Bend(data["width"], data["height"], tuple(tuple(row) for row in data["down"]))
