"""When a reading counts as equal to the truth, and which truth it belongs to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

_TONE_AT_END = re.compile(r"(o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ])(?![a-zà-ỹ])")
_OLD_PLACEMENT = dict(
    zip(
        "oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ".split(),
        "òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy".split(),
        strict=True,
    )
)
MINIMUM_LIKENESS = 0.1
"""Below this a reading and a truth record are two different things."""


def plain(text: str | None) -> str:
    """NFC, single blanks, and the Icelandic Ð that old data uses for Đ folded."""
    normal = unicodedata.normalize("NFC", text or "").replace("Ð", "Đ")
    return re.sub(r"\s+", " ", normal).strip()


def comparable(text: str | None) -> str:
    """`plain` without regard to case and to where the tone mark stands (hòa, hoà)."""
    return _TONE_AT_END.sub(lambda m: _OLD_PLACEMENT[m.group(0)], plain(text).casefold())


def equal(truth: Mapping[str, Any], got: Mapping[str, Any] | None) -> bool:
    """Whether the canonical values agree; a year computed from an age may be one off."""
    if got is None:
        return bool(truth["value"] == "")
    want, have = comparable(truth["value"]), comparable(got.get("value"))
    if want == have:
        return True
    is_age = "tuổi" in truth["written"] and want.isdigit() and have[:4].isdigit()
    return is_age and abs(int(want) - int(have[:4])) <= 1


def overlap(a: Sequence[int] | None, b: Sequence[int] | None) -> float:
    """Intersection over union of two boxes."""
    if not a or not b:
        return 0.0
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [max(1, (r[2] - r[0]) * (r[3] - r[1])) for r in (a, b)]
    return width * height / (sum(areas) - width * height)


def likeness(truth: Mapping[str, Any], got: Mapping[str, Any]) -> float:
    """How much a read record looks like a true one: half place, half equal values, a little form."""
    page = got.get("page", truth["page"])
    if truth["page"] not in (got.get("pages") or [page]) and page != truth["page"]:
        return 0.0
    filled = [key for key, f in truth["fields"].items() if f["value"]]
    agreeing = sum(equal(truth["fields"][key], got["fields"].get(key)) for key in filled)
    place = overlap(truth["box"], got.get("box")) if page == truth["page"] else 0.0
    return 0.5 * place + 0.5 * agreeing / max(1, len(filled)) + 0.05 * (got.get("form") == truth["form"])


def pair_records(truth: Sequence[Mapping[str, Any]], got: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Pair true and read records of one file greedily, likest first; truth index to reading index."""
    ranked = sorted(
        ((likeness(t, g), i, j) for i, t in enumerate(truth) for j, g in enumerate(got)), reverse=True
    )
    pairs: dict[int, int] = {}
    for likely, i, j in ranked:
        if likely > MINIMUM_LIKENESS and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs
