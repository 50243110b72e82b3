"""A local extract of the population register, searchable in milliseconds.

Rows are found by blocking keys (numbers, name, birth, commune, parents and pairs of them that survive one
misread field) and ranked by how many agree before any name is compared: common names would otherwise crowd
out the right row.
"""

from __future__ import annotations

import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from validators.letters import fold, marks
from validators.population.columns import NUMBER_COLUMNS, RegisterColumns, birth_code, number_code
from validators.population.extract import ExtractReport, ProblemCode, RowProblem, rows_of_csv, rows_of_table
from validators.population.row import Query, RegisterRow, Vocabulary, commune_of

Codes: TypeAlias = npt.NDArray[np.uint64]
Hashes: TypeAlias = npt.NDArray[np.uint32]

MAX_CANDIDATES: Final = 20
"""Rows compared in full."""
_SCREENED: Final = 100
"""Rows whose names are compared roughly."""
_LARGEST_BLOCK: Final = 20_000
"""Rows taken under one key; what more share it tells little."""
_NAME_POINTS: Final = 8.0
_SEX_POINTS: Final = 2.0
WEIGHTS: Final[Mapping[str, float]] = {
    "number": 12, "cmnd": 12, "birth": 6, "parents": 6, "mother given": 4, "father given": 4, "day given": 4,
    "commune given": 3, "commune year": 3, "year given": 3, "name": 5, "year family": 2,
    "commune family": 1,
}  # fmt: skip
"""Points of a key that is shared, the most telling keys first."""


def _hash(text: str) -> int:
    return zlib.crc32(text.encode()) if text else 0


def _mixed(left: Codes, right: Codes) -> Hashes:
    """One hash of two; 0, nothing to compare, where either is 0."""
    both = left * np.uint64(0x9E3779B97F4A7C15) ^ right * np.uint64(0xC2B2AE3D27D4EB4F)
    both = (both ^ (both >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return np.where((left == 0) | (right == 0), 0, both >> np.uint64(32)).astype(np.uint32)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What keys are made of: hashes of texts and number codes, one entry a person, 0 where unknown."""

    number: Codes
    cmnd: Codes
    birth: Codes
    name: Codes
    given: Codes
    family: Codes
    father: Codes
    mother: Codes
    commune: Codes

    def by_kind(self) -> Iterator[tuple[str, Hashes]]:
        """Keys of every kind in ``WEIGHTS``."""
        one = np.ones(1, np.uint64)
        years, days = self.birth // np.uint64(10000), self.birth % np.uint64(10000)
        whole = np.where(days % np.uint64(100) > 0, self.birth, 0).astype(np.uint64)
        days = np.where(whole > 0, days, 0).astype(np.uint64)
        pairs = {
            "number": (self.number, one),
            "cmnd": (self.cmnd, one),
            "name": (self.name, one),
            "birth": (whole, one),
            "year given": (self.given, years),
            "year family": (self.family, years),
            "day given": (self.given, days),
            "commune given": (self.commune, self.given),
            "commune family": (self.commune, self.family),
            "commune year": (self.commune, years),
            "parents": (self.mother, self.father),
            "mother given": (self.mother, self.given),
            "father given": (self.father, self.given),
        }
        return ((kind, _mixed(*pairs[kind])) for kind in WEIGHTS)


def _parts_of(query: Query) -> _Parts:
    """Every reading of the name with every commune the person may live in."""
    names = [words for n in (query.name, *query.other_names) if (words := fold(n))] or [""]
    pairs = [(n, c) for n in dict.fromkeys(names) for c in query.communes or ("",)]

    def codes(values: Iterable[int]) -> Codes:
        return np.fromiter(values, np.uint64, len(pairs))

    def same(value: int) -> Codes:
        return np.full(len(pairs), value, np.uint64)

    return _Parts(
        number=same(number_code(query.personal_number)),
        cmnd=same(number_code(query.cmnd)),
        birth=same(birth_code(query.birth)),
        name=codes(_hash(n) for n, _ in pairs),
        given=codes(_hash(n.rpartition(" ")[2]) for n, _ in pairs),
        family=codes(_hash(n.partition(" ")[0]) for n, _ in pairs),
        father=same(_hash(fold(query.father))),
        mother=same(_hash(fold(query.mother))),
        commune=codes(_hash(c) for _, c in pairs),
    )


class PopulationRegister:
    """Extract held in memory as arrays, with a sorted index for every kind of key.

    45 bytes a person and the distinct texts for the rows, 8 bytes a person and kind of key for the index.

    Attributes:
        report: rows left out and numbers borne twice.
        vocabulary: communes and words of names that occur.
    """

    def __init__(self, rows: Iterable[RegisterRow]) -> None:
        self.report = ExtractReport()
        self.columns = RegisterColumns(rows)
        self.vocabulary = Vocabulary()
        self._index = {kind: _sorted(keys) for kind, keys in self._parts().by_kind()}

    @classmethod
    def from_csv(cls, source: str | Path) -> PopulationRegister:
        """Load an extract; see `rows_of_csv` for what is taken and what is refused.

        Raises:
            RegisterExtractError: the file is no register extract.
            OSError: the file cannot be read.
        """
        report = ExtractReport()
        return cls._reported(rows_of_csv(source, report), report)

    @classmethod
    def from_table(cls, rows: Iterable[Mapping[str, object]]) -> PopulationRegister:
        """Load rows of the provincial store, one mapping by official column name each.

        Raises:
            RegisterExtractError: the table lacks a column or most rows are broken.
        """
        report = ExtractReport()
        return cls._reported(rows_of_table(rows, report), report)

    @classmethod
    def _reported(
        cls, numbered: Iterable[tuple[int, RegisterRow]], report: ExtractReport
    ) -> PopulationRegister:
        lines = array("I")

        def rows() -> Iterator[RegisterRow]:
            for line, row in numbered:
                lines.append(line)
                yield row

        register = cls(rows())
        register.report = report
        for column in NUMBER_COLUMNS:
            for at in _repeated(register.columns.numbers[column]):
                report.tell(RowProblem(lines[at], ProblemCode.NUMBER_REPEATED, column))
        return register

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def nbytes(self) -> int:
        """Bytes held by rows and index."""
        return self.columns.nbytes + sum(k.nbytes + o.nbytes for k, o in self._index.values())

    def _parts(self) -> _Parts:
        columns, pool = self.columns, self.columns.pool

        def spread(column: str, hashes: Mapping[int, int]) -> Codes:
            table = np.zeros(len(pool), np.uint64)
            table[list(hashes)] = list(hashes.values())
            return table[columns.texts[column]]

        def distinct(column: str) -> Sequence[int]:
            found: list[int] = np.unique(columns.texts[column]).tolist()
            return found

        names = {at: fold(pool[at]) for at in distinct("hoTen")}
        communes = {at: commune_of(pool[at]) for at in distinct("noiThuongTru")}
        texts = {at: pool[at] for column in ("hoTen", "hoTenCha", "hoTenMe") for at in distinct(column)}
        self.vocabulary = Vocabulary(
            frozenset(filter(None, communes.values())),
            frozenset(word for text in texts.values() for word in text.casefold().split()),
        )
        return _Parts(
            number=columns.numbers["soDinhDanh"],
            cmnd=columns.numbers["soCMND"],
            birth=columns.births.astype(np.uint64),
            name=spread("hoTen", {at: _hash(n) for at, n in names.items()}),
            given=spread("hoTen", {at: _hash(n.rpartition(" ")[2]) for at, n in names.items()}),
            family=spread("hoTen", {at: _hash(n.partition(" ")[0]) for at, n in names.items()}),
            father=spread("hoTenCha", {at: _hash(fold(pool[at])) for at in distinct("hoTenCha")}),
            mother=spread("hoTenMe", {at: _hash(fold(pool[at])) for at in distinct("hoTenMe")}),
            commune=spread("noiThuongTru", {at: _hash(c) for at, c in communes.items()}),
        )

    def _block(self, kind: str, key: int) -> npt.NDArray[np.uint32]:
        keys, owners = self._index[kind]
        wanted = np.uint32(key)
        return owners[np.searchsorted(keys, wanted, "left") : np.searchsorted(keys, wanted, "right")]

    def search(self, query: Query, limit: int = MAX_CANDIDATES) -> tuple[RegisterRow, ...]:
        """Rows that share a blocking key with the query, the most likely first."""
        blocks: defaultdict[str, list[npt.NDArray[np.uint32]]] = defaultdict(list)
        for kind, hashes in _parts_of(query).by_kind():
            for key in set(hashes.tolist()) - {0}:
                block = self._block(kind, key)
                if len(block):
                    blocks[kind].append(block[:_LARGEST_BLOCK])
        if not blocks:
            return ()
        owners = np.concatenate([b for found in blocks.values() for b in found])
        points = np.concatenate(
            [np.full(len(b), WEIGHTS[kind]) for kind, found in blocks.items() for b in found]
        )
        rows, inverse = np.unique(owners, return_inverse=True)
        scores = np.bincount(inverse, weights=points)
        if len(rows) > _SCREENED:
            best = np.argpartition(-scores, _SCREENED)[:_SCREENED]
            rows, scores = rows[best], scores[best]
        if sex := int(query.sex or 0):
            sexes = self.columns.sexes[rows]
            scores = scores - _SEX_POINTS * ((sexes != sex) & (sexes > 0))
        if query.name:
            names = [marks(self.columns.pool[at]) for at in self.columns.texts["hoTen"][rows].tolist()]
            asked = [marks(n) for n in (query.name, *query.other_names)]
            alike = cdist(asked, names, scorer=Indel.normalized_similarity, dtype=np.float32)
            scores = scores + _NAME_POINTS * alike.max(axis=0)
        order = np.argsort(-scores, kind="stable")[:limit]
        return tuple(self.columns[at] for at in rows[order].tolist())


def _sorted(keys: Hashes) -> tuple[Hashes, npt.NDArray[np.uint32]]:
    """Keys in order and who bears them; people without such a key are left out."""
    owners = np.flatnonzero(keys).astype(np.uint32)
    owners = owners[np.argsort(keys[owners])]
    return keys[owners], owners


def _repeated(codes: Codes) -> list[int]:
    """Places whose code stands elsewhere as well, ascending."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    twin = np.zeros(len(codes), bool)
    if len(codes) > 1:
        same = (ordered[1:] == ordered[:-1]) & (ordered[1:] > 0)
        twin[1:] |= same
        twin[:-1] |= same
    places: list[int] = np.sort(order[twin]).tolist()
    return places
