"""The 54 ethnic groups, with both official code lists.

Codes: decision 121-TCTK/PPCĐ of 1979 and decision 1019/QĐ-TCTK of 2008 (= QCVN 109:2017/BTTTT).
The two number some groups differently (06 is Mường, then Hoa), so a code means nothing without its list.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from validators.letters import fold, likeness, tidy
from validators.tables import rows

MIN_LIKENESS = 0.75  # below, a damaged name is left as written
MIN_MARGIN = 0.06  # to the next group; "Thái" and "Thổ" must not win by chance


@dataclass(frozen=True, slots=True)
class EthnicGroup:
    """Standard name and its code in either list."""

    name: str
    code_1979: str
    code_2008: str


def _key(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())


@cache
def ethnic_groups() -> tuple[EthnicGroup, ...]:
    """All groups in the order of the 1979 list."""
    return tuple(EthnicGroup(r["name"], r["code_1979"], r["code_2008"]) for r in rows("ethnic_groups.csv"))


@cache
def _spellings() -> tuple[tuple[str, EthnicGroup], ...]:
    """Names first, so that an alias never hides the name of another group."""
    groups = list(zip(ethnic_groups(), rows("ethnic_groups.csv"), strict=True))
    names = [(group.name, group) for group, _ in groups]
    return tuple(
        names + [(alias, group) for group, row in groups for alias in row["aliases"].split("|") if alias]
    )


@cache
def _index() -> dict[str, EthnicGroup | None]:
    """Folded spelling -> group; None where two groups share it and accents must decide."""
    index: dict[str, EthnicGroup | None] = {}
    names = len(ethnic_groups())
    for at, (spelling, group) in enumerate(_spellings()):
        key = _key(spelling)
        if key not in index:
            index[key] = group
        elif at < names and index[key] is not group:
            index[key] = None
    return index


def find_ethnic_group(written: str) -> tuple[EthnicGroup, bool] | None:
    """Standard group of a name as written.

    Returns:
        The group and whether the spelling is known (False: nearest by far), or None.
    """
    text = tidy(written).strip(" .,;:")
    exact = next((g for s, g in _spellings() if s.casefold() == text.casefold()), None)
    if exact is not None:
        return exact, True
    known = _index().get(_key(text))
    if known is not None:
        return known, True
    best: dict[str, float] = {}
    for spelling, group in _spellings():
        if len(spelling) > 2:
            best[group.name] = max(best.get(group.name, 0.0), likeness(text, spelling))
    ranked = sorted(best.items(), key=lambda pair: -pair[1])
    if ranked[0][1] < MIN_LIKENESS or ranked[0][1] - ranked[1][1] < MIN_MARGIN:
        return None
    return next(g for g in ethnic_groups() if g.name == ranked[0][0]), False
