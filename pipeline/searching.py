"""Finding records by what officers know of them: exactly first, then by beginnings, then with a typing error.

Every step asks the index for a limited number of candidates, so that a common name costs no more than a rare
one. A mistyped word is looked up among the distinct words of all names, which are few, never among records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from django.db import connection, transaction
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from pipeline.models import Office, Record, RecordState, SearchEntry, SearchWord
from pipeline.people.access import Account, Act, offices_for
from pipeline.places import office_gazetteer
from pipeline.search_terms import folded, number_key, words
from storage.protected import WHOLE_FORMS

CANDIDATES = 300
"""Rows that one step takes from the index; who gets more is asked to say more."""
SHOWN = 50
_ENOUGH = 10
_NAMED_OFFICES = 60
_MEANT = 0.8
_AS_WELL = 0.05
_LIKE = 6
_LIKE_TOGETHER = 3
_WAYS = 40
"""More than two names of five and of six words have."""
_LIKE_CANDIDATES = 60
_LEAST_SIMILARITY = 0.1
"""Of trigrams: "dnag" and "dang" have one of nine in common."""
_DATE = re.compile(r"(?:(?:(\d{1,2})[/.\-])?(\d{1,2})[/.\-])?(1[89]\d\d|20\d\d)|(\d{4})-(\d{2})(?:-(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Question:
    """What an officer knows; empty parts are not asked for.

    Attributes:
        text: names, dates and numbers in any order.
        parent: name of father or mother.
        place: any unit or place, of then or of today.
        parcel, sheet: thửa đất số, tờ bản đồ số.
        form: code of the form.
    """

    text: str = ""
    parent: str = ""
    place: str = ""
    parcel: str = ""
    sheet: str = ""
    form: str = ""

    def __bool__(self) -> bool:
        return any(words(t) for t in (self.text, self.parent, self.place, self.parcel, self.sheet))

    @property
    def asked(self) -> list[str]:
        """Names of the parts that were given; what they say is personal data and stays out of the log."""
        return sorted(name for name in self.__slots__ if getattr(self, name))


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found.

    Attributes:
        near: only with a typing error mended.
    """

    record: Record
    near: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, best first, at most `SHOWN`.

    Attributes:
        more: there are others; the officer should say more.
    """

    hits: tuple[Hit, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class _Names:
    """Folded words of a name and the mark of their keys."""

    mark: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reach:
    """Offices in which an account may search and see what is protected; asked for once.

    Attributes:
        everywhere: these are all offices there are.
    """

    offices: tuple[int, ...]
    sensitive: tuple[int, ...]
    everywhere: bool

    @property
    def named(self) -> bool:
        """So few that they stand among the terms, and the index alone answers."""
        return not self.everywhere and len(self.offices) <= _NAMED_OFFICES


def search(account: Account, question: Question) -> Found:
    """Records that the account may open and that the question fits."""
    if not question:
        return Found()
    names, known = _parts(question)
    reach = _reach(account)
    found: dict[object, int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        # the planner takes a match for likely and would rather read the table from its start
        cursor.execute("set local enable_seqscan = off")
        narrow = [*_office_terms(reach), *_form_terms(reach, question.form)]
        for step, query in _steps(names, known):
            for pk in _candidates(_all([query, *narrow]), reach) if query else ():
                found.setdefault(pk, step)
            if len(found) >= (_ENOUGH if _EXACT <= step < _MENDED else CANDIDATES):
                break
        able = _allowed(reach).filter(pk__in=list(found)).values_list("pk", "person", "entry")
        unlike = _unlike(question.text)
        rows = sorted(able, key=lambda row: (found[row[0]], *unlike(row[1]), row[2], str(row[0])))
        # what is ranked is many times what is shown
        shown = Record.objects.select_related("office").in_bulk([pk for pk, *_ in rows[:SHOWN]])
    hits = tuple(Hit(shown[pk], found[pk] == _MENDED) for pk, *_ in rows[:SHOWN] if pk in shown)
    return Found(hits, more=len(rows) > SHOWN)


_WHOLE, _EXACT, _BEGUN, _MENDED = range(4)


def _steps(names: Sequence[_Names], known: Sequence[tuple[str, str]]) -> Iterator[tuple[int, str]]:
    """Queries in order: whole names, all words, beginnings, one word mistyped; an empty one is left out."""
    exact = [e for e, _ in known]
    yield _WHOLE, _all([*(_term(f"{n.mark.upper()}:{' '.join(n.words)}") for n in names), *exact])
    yield _EXACT, _all([*(_term(f"{n.mark}:{w}") for n in names for w in n.words), *exact]) if names else ""
    begun = [b for _, b in known]
    starts = [
        _term(f"{n.mark}:{w}", begins=i == len(n.words) - 1) for n in names for i, w in enumerate(n.words)
    ]
    yield _BEGUN, _all([*starts, *begun])
    if names:
        ways = product(*(_mended(n, alone=len(names) == 1) for n in names))
        for way in islice(ways, _WAYS):
            yield _MENDED, _all([*way, *exact])


def _parts(question: Question) -> tuple[list[_Names], list[tuple[str, str]]]:
    """Names, and all else as pairs: the query for it, and the query for what begins with it."""
    name, known = [], []
    for piece in question.text.replace(",", " ").replace(";", " ").split():
        if any(c.isdigit() for c in piece):
            known.append(_numbered(piece))
        else:
            name += words(piece)
    # "BC 123456": the letters before a number belong to it where they cannot be a name
    names = [_Names("n", tuple(name))] if name else []
    if known and name and (serial := _serial(question.text)):
        left = tuple(w for w in name if w != serial[0])
        names = [_Names("n", left)] if left else []
        known = [(_term(f"k:{''.join(serial)}"), _term(f"k:{''.join(serial)}", begins=True))]
    if parent := words(question.parent):
        names.append(_Names("f", tuple(parent)))
    for mark, value in (("t", question.parcel), ("m", question.sheet)):
        if number_key(value):
            known.append((_term(f"{mark}:{number_key(value)}"),) * 2)
    if question.place.strip():
        known.append((_place(question.place),) * 2)
    return names, known


_SERIAL = re.compile(r"(?<!\w)([A-Za-zĐđ]{1,2})\s+(\d{5,8})(?!\w)")


def _serial(text: str) -> tuple[str, str] | None:
    found = _SERIAL.search(text)
    return (folded(found[1]), found[2]) if found else None


def _numbered(piece: str) -> tuple[str, str]:
    """A day or year, or a number; what may be both is looked for as both."""
    key = number_key(piece)
    number, begun = _term(f"k:{key}"), _term(f"k:{key}", begins=True)
    if not (found := _DATE.fullmatch(piece)):
        return number, begun
    day, month, year, *iso = found.groups()
    parts = [year, month, day] if year else list(iso)
    date = "-".join(p.zfill(2) for p in parts if p)
    return (_any([_term(f"d:{date}"), number]),) * 2


def _place(text: str) -> str:
    """Units that the place may mean; where it means none, its words."""
    found = office_gazetteer().resolve(text)
    if found and found[0].score >= _MEANT:
        best = found[0].score
        units = {u.id for r in found if r.score >= best - _AS_WELL for u in (r.unit,)}
        return _any(_term(f"u:{unit}") for unit in sorted(units))
    return _all(_term(f"l:{word}") for word in words(text))


def _mended(name: _Names, *, alone: bool) -> list[str]:
    """Queries: words that no name has, in their likely spellings; where names have all, each word in turn.

    Each way is a query of its own: the index answers them one by one several times faster than all in one.
    """
    kept = SearchWord.objects.filter(word__in=name.words)
    unknown = set(name.words) - set(kept.values_list("word", flat=True))
    if unknown:
        most = _LIKE if len(unknown) == 1 else _LIKE_TOGETHER
        like = {word: _alike(word)[:most] for word in unknown}
        spelt = _spelt(name, like) if len(unknown) == 1 or all(like.values()) else ""
        return [spelt] if spelt else []
    # a name alone was already looked for as typed
    turns = ({word: [w for w in _alike(word) if w != word or not alone]} for word in name.words)
    return [_spelt(name, like) for like in turns if all(like.values())]


def _spelt(name: _Names, like: Mapping[str, Sequence[str]]) -> str:
    """Every word in one of its spellings, or as typed; a word without a spelling is not asked for."""
    return _all(_any(_term(f"{name.mark}:{w}") for w in like.get(word, [word])) for word in name.words)


def _alike(word: str) -> tuple[str, ...]:
    """Words of names that a mistyped one may mean, likeliest first."""
    with connection.cursor() as cursor:
        cursor.execute(f"set local pg_trgm.similarity_threshold = {_LEAST_SIMILARITY}")
    order = RawSQL("similarity(word, %s)", [word])
    near = SearchWord.objects.filter(word__trigram_similar=word).order_by(order.desc(), "word")
    found = dict.fromkeys(near.values_list("word", flat=True)[:_LIKE_CANDIDATES])
    errors = 1 if len(word) < 5 else 2
    good = ((OSA.distance(word, w, score_cutoff=errors), w) for w in found)
    return tuple(w for distance, w in sorted(good) if distance <= errors)[:_LIKE]


def _reach(account: Account) -> _Reach:
    offices = tuple(offices_for(account, Act.SEARCH).values_list("pk", flat=True))
    sensitive = tuple(offices_for(account, Act.SENSITIVE).values_list("pk", flat=True))
    return _Reach(offices, sensitive, everywhere=len(offices) == Office.objects.count())


def _candidates(terms: str, reach: _Reach) -> list[object]:
    match = RawSQL("pipeline_searchentry.terms @@ %s::tsquery", [terms], output_field=BooleanField())
    rows = SearchEntry.objects.filter(match)
    if not reach.everywhere and not reach.named:
        rows = rows.filter(record__office__in=reach.offices)
    return list(rows.values_list("record_id", flat=True)[:CANDIDATES])


def _office_terms(reach: _Reach) -> list[str]:
    if not reach.named:
        return []
    return [_any(_term(f"o:{pk}") for pk in reach.offices) or _term("o:")]


def _form_terms(reach: _Reach, form: str) -> list[str]:
    wanted = [_term(f"r:{form}")] if form else []
    if not reach.sensitive:
        wanted += [f"!{_term(f'r:{code}')}" for code in sorted(WHOLE_FORMS)]
    return wanted


def _allowed(reach: _Reach) -> QuerySet[Record]:
    """Records that may be found: none read anew since; protected forms only where these may be seen."""
    open_to = Q(office__in=reach.sensitive) | ~Q(form__in=WHOLE_FORMS)
    return Record.objects.filter(open_to, office__in=reach.offices).exclude(state=RecordState.SUPERSEDED)


def _unlike(text: str) -> Callable[[str], tuple[bool, float]]:
    """Rank of a name within a step: as typed with diacritics, then by its likeness."""
    typed = " ".join(p for p in text.split() if not any(c.isdigit() for c in p))
    written, bare = typed.casefold(), folded(typed)
    return lambda name: (written != name.casefold(), -fuzz.ratio(bare, folded(name)))


def _term(key: str, *, begins: bool = False) -> str:
    quoted = key.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'{':*' if begins else ''}"


def _all(parts: Iterable[str]) -> str:
    return " & ".join(f"({p})" for p in parts if p)


def _any(parts: Iterable[str]) -> str:
    return " | ".join(f"({p})" for p in parts if p)
