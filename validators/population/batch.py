"""Links all persons of a book or an office to a register in one run, with weights learned from the data.

Interactive search asks for one person and uses weights set by hand; a whole register is cheaper and better
explained with Splink (Fellegi-Sunter weights, estimated without labels, on DuckDB). It is an optional part.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from validators.errors import LinkageUnavailableError
from validators.letters import fold, marks
from validators.population.row import Query, RegisterRow, commune_of

CERTAIN: Final = 0.99
"""Probability from which on a pair needs no person, if no other row comes near."""
POSSIBLE: Final = 0.05
CLEAR_BITS: Final = 4.0
"""Match weight between the best row and the next; twins and namesakes lie closer."""
_FIELDS: Final = {
    "name": "hoTen",
    "birth": "ngaySinh",
    "sex": "gioiTinh",
    "commune": "noiThuongTru",
    "father": "hoTenCha",
    "mother": "hoTenMe",
}
_KEYS: Final = (
    ("birth",),
    ("name",),
    ("year", "given"),
    ("day", "given"),
    ("commune", "given"),
    ("mother", "given"),
)
_TRAINED_WITHIN: Final = (("birth",), ("name",), ("commune", "given"))
_SAMPLED_PAIRS: Final = 1e6
_BIRTH_UNTAUGHT: Final = (0.90, 0.08, 0.02)
"""How often one person's dates agree whole, in part and not at all, until the data teach it; Splink knows
such chances of its own comparisons only."""


@dataclass(frozen=True, slots=True)
class FieldWeight:
    """What one field tells of a pair.

    Attributes:
        column: of the register.
        paper, register: as compared: small letters, marks of their own (NFD); dates ISO.
        bits: log2 of how much more likely this agreement is in one person than in two; negative speaks
            against the pair; rare names weigh more than common ones.
    """

    column: str
    paper: str
    register: str
    bits: float


@dataclass(frozen=True, slots=True)
class LinkedPair:
    """A person on paper and a row of the register that may be the same.

    Attributes:
        person: key of the query.
        row: place in the register as given, from 0.
        probability: estimated, 0-1.
        bits: match weight, prior included.
        fields: what it is made of.
    """

    person: str
    row: int
    probability: float
    bits: float
    fields: tuple[FieldWeight, ...]


@dataclass(frozen=True, slots=True)
class Linkage:
    """What a run found.

    Attributes:
        certain: one pair a person at most, with no rival.
        uncertain: pairs for an officer, by person and best first.
        unlinked: persons without any possible row.
    """

    certain: tuple[LinkedPair, ...]
    uncertain: tuple[LinkedPair, ...]
    unlinked: tuple[str, ...]


def link(queries: Mapping[str, Query], rows: Iterable[RegisterRow], *, seed: int = 1) -> Linkage:
    """Link persons to rows.

    Args:
        queries: by a key of the caller's. Weights are learned from them and the register together, so a run
            wants some hundred persons; what they do not teach keeps Splink's own weight.
        rows: the register.
        seed: of the sample that weights of chance agreement are estimated from.

    Raises:
        LinkageUnavailableError: the optional packages are missing.
    """
    missing = [name for name in ("splink", "pyarrow", "duckdb") if importlib.util.find_spec(name) is None]
    if missing:
        raise LinkageUnavailableError(
            f"batch linkage needs {', '.join(missing)}: pip install 'sohoa[linkage]'"
        )
    keys = list(queries)
    paper, register = _table(queries.values()), _table(map(_query_of, rows))
    pairs = _predicted(paper, register, seed) if len(paper) and len(register) else ()
    found: dict[str, list[LinkedPair]] = {key: [] for key in keys}
    for pair in pairs:
        key = keys[pair["unique_id_l"]]
        found[key].append(
            LinkedPair(
                key,
                pair["unique_id_r"],
                pair["match_probability"],
                pair["match_weight"],
                tuple(
                    FieldWeight(
                        column,
                        pair[f"{field}_l"] or "",
                        pair[f"{field}_r"] or "",
                        pair[f"mw_{field}"] + pair.get(f"mw_tf_adj_{field}", 0.0),
                    )
                    for field, column in _FIELDS.items()
                    if f"mw_{field}" in pair
                ),
            )
        )
    certain: list[LinkedPair] = []
    uncertain: list[LinkedPair] = []
    for some in found.values():
        some.sort(key=lambda p: -p.bits)
        clear = len(some) == 1 or (len(some) > 1 and some[0].bits - some[1].bits >= CLEAR_BITS)
        (certain if clear and some[0].probability >= CERTAIN else uncertain).extend(
            some[:1] if clear else some
        )
    return Linkage(tuple(certain), tuple(uncertain), tuple(k for k, some in found.items() if not some))


def _query_of(row: RegisterRow) -> Query:
    return Query(
        name=row.hoTen,
        birth=row.ngaySinh,
        sex=row.gioiTinh,
        father=row.hoTenCha,
        mother=row.hoTenMe,
        communes=(commune_of(row.noiThuongTru),),
    )


def _table(queries: Iterable[Query]) -> Any:
    """Queries as an Arrow table; NULL where nothing is known."""
    import pyarrow as pa  # type: ignore[import-untyped]

    columns: dict[str, list[Any]] = {name: [] for name in ("unique_id", *_FIELDS, "year", "day", "given")}
    for at, query in enumerate(queries):
        whole = len(query.birth) == len("yyyy-mm-dd")
        values = {
            "unique_id": at,
            "name": marks(query.name),
            "birth": query.birth if whole else "",
            "year": query.birth[:4],
            "day": query.birth[5:] if whole else "",
            "given": fold(query.name).rpartition(" ")[2],
            "sex": query.sex,
            "commune": query.communes[0] if query.communes else "",
            "father": marks(query.father),
            "mother": marks(query.mother),
        }
        for name, value in values.items():
            columns[name].append(None if value == "" else value)
    types = {name: pa.int64() if name == "unique_id" else pa.string() for name in columns}
    return pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})


def _predicted(paper: Any, register: Any, seed: int) -> list[dict[str, Any]]:
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons
    from splink import SettingsCreator, block_on

    whole, part, neither = _BIRTH_UNTAUGHT
    birth = comparisons.CustomComparison(
        output_column_name="birth",
        comparison_levels=[
            levels.NullLevel("year"),
            levels.CustomLevel("birth_l = birth_r", "whole date").configure(m_probability=whole),
            levels.CustomLevel("year_l = year_r OR day_l = day_r", "year, or day and month").configure(
                m_probability=part
            ),
            levels.ElseLevel().configure(m_probability=neither),
        ],
    )
    every = {
        "name": comparisons.JaroWinklerAtThresholds("name", [0.97, 0.92, 0.84]).configure(
            term_frequency_adjustments=True
        ),
        "birth": birth,
        "sex": comparisons.ExactMatch("sex"),
        "commune": comparisons.JaroWinklerAtThresholds("commune", [0.88]),
        "father": comparisons.JaroWinklerAtThresholds("father", [0.97, 0.88]),
        "mother": comparisons.JaroWinklerAtThresholds("mother", [0.97, 0.88]),
    }
    # a field that no paper names has no weights to learn
    known = {name: c for name, c in every.items() if paper[name].null_count < len(paper) or name == "birth"}
    settings = SettingsCreator(
        link_type="link_only",
        # a person stands in the register once, for all that is known before
        probability_two_random_records_match=1 / max(2, len(register)),
        comparisons=list(known.values()),
        blocking_rules_to_generate_predictions=[block_on(*keys) for keys in _KEYS],
        retain_intermediate_calculation_columns=True,
        additional_columns_to_retain=["day"],
    )
    linker = _trained(paper, register, settings, seed, _TRAINED_WITHIN)
    pairs: list[dict[str, Any]] = linker.inference.predict(
        threshold_match_probability=POSSIBLE
    ).as_record_list()
    return pairs


def _trained(paper: Any, register: Any, settings: Any, seed: int, within: Sequence[tuple[str, ...]]) -> Any:
    """A linker with weights learned within these blocks, those left out that have nothing to teach.

    Few pairs teach nothing, and pairs without any error a chance of error that is no number. A pass that
    failed leaves its linker without the columns of its block, so another one is made.
    """
    from splink import DuckDBAPI, Linker, block_on
    from splink.internals.exceptions import EMTrainingException

    database = DuckDBAPI()
    tables = [
        database.register(table, table_name=name)
        for name, table in (("a_paper", paper), ("b_register", register))
    ]
    linker = Linker(tables, settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=seed)
    for keys in within:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*keys))
        except (EMTrainingException, ValueError):
            return _trained(paper, register, settings, seed, [k for k in within if k != keys])
    return linker
