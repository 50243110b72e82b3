"""A record's own redundancy: what one field says of another when the readings leave a choice.

Nothing is invented here: only a reading that the readers themselves held possible can win, and only where
the one that was ahead was not sure. Fields that truly contradict each other stay as they are, for the rules
to find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ocr.elements import Alternative, FieldReading, FieldStatus, Ink

Canonical = Callable[[FieldReading], FieldReading]
"""Gives a reading its canonical value."""

_IN_WORDS = ("BangChu", "GhiBangChu")
_REPEATED = (
    frozenset({"name"}),
    frozenset({"place"}),
)
"""Kinds of which one record often says the same twice: the declarant is the father, parents live together."""
_SURE = 0.9
_LEAST_RATIO = 0.02
"""A reading so much less likely than the leading one may still win if another field says the same."""


def reconciled(fields: Mapping[str, FieldReading], canonical: Canonical) -> dict[str, FieldReading]:
    """The fields with what they say of each other weighed in.

    Args:
        fields: of one record, canonical values known.
        canonical: for readings that win.
    """
    result = dict(fields)
    for key in fields:
        for ending in _IN_WORDS:
            if key + ending in fields:
                _agree_in_words(result, key, key + ending, canonical)
    for kinds in _REPEATED:
        _agree_with_twins(result, [k for k, f in fields.items() if f.kind in kinds], canonical)
    return result


def _agree_in_words(fields: dict[str, FieldReading], digits: str, words: str, canonical: Canonical) -> None:
    """Digits and words of one date or area: the likeliest pair of readings that agree, if one is near."""
    a, b = fields[digits], fields[words]
    if not (_was_read(a) and _was_read(b)):
        return
    if a.value and a.value == b.value:
        fields[digits], fields[words] = _told(a, "agree", 1.0), _told(b, "agree", 1.0)
        return
    lead = a.confidence * b.confidence
    best: tuple[float, FieldReading, FieldReading] | None = None
    readings = {reading.value: (share, reading) for share, reading in _choices(b, canonical) if reading.value}
    for share, reading in _choices(a, canonical):
        if reading.value in readings:
            other_share, other = readings[reading.value]
            both = share * other_share
            if best is None or both > best[0]:
                best = (both, reading, other)
    if best is not None and best[0] >= _LEAST_RATIO * lead and min(a.confidence, b.confidence) < _SURE:
        fields[digits], fields[words] = _told(best[1], "agree", 0.8), _told(best[2], "agree", 0.8)
    elif a.value and b.value:
        fields[digits], fields[words] = _told(a, "agree", 0.0), _told(b, "agree", 0.0)


def _agree_with_twins(fields: dict[str, FieldReading], keys: Iterable[str], canonical: Canonical) -> None:
    """A name or address that another field of the record repeats."""
    read = [key for key in keys if _was_read(fields[key]) and fields[key].value]
    for key in read:
        own = fields[key]
        others = {
            fields[k].written.casefold(): fields[k].confidence
            for k in read
            if k != key and fields[k].written.casefold()
        }
        if own.written.casefold() in others:
            fields[key] = _told(own, "twin", max(own.confidence, others[own.written.casefold()]))
            continue
        if own.confidence >= _SURE:
            continue
        for other in own.alternatives:
            said = others.get(other.value.casefold())
            if said is None or other.confidence < _LEAST_RATIO * own.confidence or said < own.confidence:
                continue
            fields[key] = _told(canonical(_chosen(own, other)), "twin", said)
            break


def _was_read(reading: FieldReading) -> bool:
    return reading.status in (FieldStatus.READ, FieldStatus.LOW_CONFIDENCE) and reading.ink is not Ink.EMPTY


def _choices(reading: FieldReading, canonical: Canonical) -> list[tuple[float, FieldReading]]:
    """All readings of a field with their shares, least likely first."""
    lost = [(a.confidence, canonical(_chosen(reading, a))) for a in reversed(reading.alternatives)]
    return [*lost, (reading.confidence, reading)]


def _chosen(reading: FieldReading, winner: Alternative) -> FieldReading:
    """The same field with another of its readings ahead."""
    rest = tuple(a for a in reading.alternatives if a != winner)
    loser = Alternative(reading.written, reading.confidence)
    return replace(
        reading,
        written=winner.value,
        value=winner.value,
        confidence=winner.confidence,
        status=FieldStatus.LOW_CONFIDENCE,
        alternatives=(loser, *rest),
    )


def _told(reading: FieldReading, signal: str, value: float) -> FieldReading:
    return replace(reading, signals={**reading.signals, signal: value})
