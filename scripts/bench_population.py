"""Measure the population check among invented people; see ``bench_population``.

*Search* asks for people by name, birth, commune and mother (15 in 100 unknown) as a poor reading leaves them.
*Verdicts* judge births of a register book: child and parents, some with one true difference, some strangers,
read with errors, lost digits, certainties and other readings as a reader would tell them. *Linkage* hands the
same noisy people to the batch linker as a whole. Milliseconds of a search are of the processor, since others
work on the machine too.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from bench_population_people import NOISES, Household, Noise, Province, slipped

from validators.case import Case, Certainty, FieldValue
from validators.letters import fold
from validators.population import COLUMNS, PopulationRegister, Query, RegisterRow, check_population
from validators.population.agreement import NameReading, Person, spelling
from validators.population.batch import LinkedPair, link
from validators.population.check import judge, rank
from validators.population.row import commune_of

MOTHER_UNKNOWN = 0.15
READ_WRONG = {"light": 0.10, "heavy": 0.30}
"""Shares of names read wrong; births a third of it. Handwriting of the development corpus lies between."""
DIFFERENCES = ("ngaySinh", "hoTen", "gioiTinh")


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def drawn(people: int, queries: int, seed: int, path: Path) -> list[RegisterRow]:
    """Write the register; return those who are asked for, spread evenly over it."""
    dice = random.Random(seed + 1)
    asked: list[RegisterRow] = []
    every = max(1, people // queries)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        at = 0
        for household in Province(seed).households(people):
            for row in household:
                writer.writerow(astuple(row))
                if at % every == 0 and len(asked) < queries:
                    asked.append(row)
                at += 1
    dice.shuffle(asked)
    return asked


def doubtful(row: RegisterRow, noise: Noise, dice: random.Random, known: frozenset[str]) -> Person:
    """What a poor reading asks."""
    name = noise.text(row.hoTen, dice)
    mother = "" if dice.random() < MOTHER_UNKNOWN else noise.text(row.hoTenMe, dice)
    state = Certainty.SURE if noise == NOISES["none"] else Certainty.DOUBTFUL
    commune = fold(noise.text(commune_of(row.noiThuongTru), dice))
    query = Query(name=name, birth=noise.birth(row.ngaySinh, dice), mother=mother, communes=(commune,))
    confidence = 1.0 if state is Certainty.SURE else 0.5
    readings = [
        NameReading(n, state, confidence, strange=frozenset(n.casefold().split()) - known)
        for n in (name, mother)
    ]
    return Person(query, readings[0], state, Certainty.EMPTY, Certainty.EMPTY, NameReading(), readings[1])


def measure_search(
    register: PopulationRegister, asked: list[RegisterRow], noise: Noise, seed: int
) -> dict[str, Any]:
    dice = random.Random(seed)
    first = five = linked = linked_right = 0
    search_ms, verdict_ms = [], []
    for row in asked:
        person = doubtful(row, noise, dice, register.vocabulary.name_words)
        start = time.thread_time()
        found = rank(person, register)
        search_ms.append(1000 * (time.thread_time() - start))
        best = [a.row.soDinhDanh for a in found[:5]]
        first += best[:1] == [row.soDinhDanh]
        five += row.soDinhDanh in best
        start = time.thread_time()
        verdict = judge(person, register)
        verdict_ms.append(1000 * (time.thread_time() - start))
        if verdict.verdict == "MATCH":
            linked += 1
            linked_right += verdict.candidates[0].soDinhDanh == row.soDinhDanh
    n = len(asked)
    return {
        "n": n,
        "recall_at_1": round(first / n, 4),
        "recall_at_5": round(five / n, 4),
        "match_share": round(linked / n, 4),
        "match_precision": round(linked_right / linked, 4) if linked else None,
        "search_ms": {f"p{p}": round(float(np.percentile(search_ms, p)), 2) for p in (50, 99)},
        "verdict_ms": {f"p{p}": round(float(np.percentile(verdict_ms, p)), 2) for p in (50, 99)},
    }


def read_name(name: str, wrong: float, dice: random.Random) -> FieldValue:
    """A name as read: mostly right, and told with a confidence that is mostly fitting."""
    noise = NOISES["heavy"] if dice.random() < 0.4 else NOISES["light"]
    other = noise.text(name, dice)
    if dice.random() < wrong and other != name:
        alternatives = (name,) if dice.random() < 0.4 else ()
        sure = dice.random() < 0.3
        confidence = dice.uniform(0.6, 0.93) if sure else dice.uniform(0.05, 0.55)
        return FieldValue(
            other, other, Certainty.SURE if sure else Certainty.DOUBTFUL, confidence, alternatives
        )
    alternatives = (other,) if other != name and dice.random() < 0.3 else ()
    sure = dice.random() < 0.85
    confidence = dice.uniform(0.85, 1.0) if sure else dice.uniform(0.2, 0.6)
    return FieldValue(name, name, Certainty.SURE if sure else Certainty.DOUBTFUL, confidence, alternatives)


def read_birth(iso: str, wrong: float, dice: random.Random) -> FieldValue:
    """A date as read; where it is wrong, a digit is lost or, seldom, another."""
    written = iso if len(iso) == 4 else "/".join(str(int(p)) for p in reversed(iso.split("-")))
    if dice.random() >= wrong:
        return FieldValue(written, iso)
    at = dice.choice([i for i, c in enumerate(written) if c.isdigit()])
    if dice.random() < 0.8:
        return FieldValue(written[:at] + written[at + 1 :], "", Certainty.MISSING, 0.4)
    at = len(iso) - 1
    value = iso[:at] + dice.choice([d for d in "123456789" if d != iso[at]])
    return FieldValue(value, value, Certainty.DOUBTFUL, 0.4)


def case_of(child: RegisterRow, household: Household, wrong: float, dice: random.Random) -> Case:
    fields = {
        "nksHoTen": read_name(child.hoTen, wrong, dice),
        "nksNgaySinh": read_birth(child.ngaySinh, wrong / 3, dice),
        "nksGioiTinh": FieldValue(child.gioiTinh, child.gioiTinh),
    }
    for prefix, row in (("cha", household.father), ("me", household.mother)):
        fields[f"{prefix}HoTen"] = read_name(row.hoTen, wrong, dice)
        fields[f"{prefix}NgaySinh"] = read_birth(row.ngaySinh[:4], wrong / 3, dice)
        fields[f"{prefix}NoiCuTru"] = FieldValue(row.noiThuongTru, row.noiThuongTru)
    return Case("KS", "2006-2015", fields)


class Truth:
    """Verdicts by definition, from what is truly on paper."""

    def __init__(self, rows: list[RegisterRow]) -> None:
        self._named: defaultdict[str, list[RegisterRow]] = defaultdict(list)
        for row in rows:
            self._named[spelling(row.hoTen)].append(row)

    def verdict(self, paper: RegisterRow, *, year_only: bool, known: bool, parents: bool) -> str:
        """MATCH where one row has name and birth, AMBIGUOUS where several have."""
        birth = paper.ngaySinh[:4] if year_only else paper.ngaySinh
        fits = [r for r in self._named[spelling(paper.hoTen)] if r.ngaySinh.startswith(birth)]
        fits = [r for r in fits if r.gioiTinh == paper.gioiTinh] or fits
        if parents:
            own = [r for r in fits if (r.hoTenCha, r.hoTenMe) == (paper.hoTenCha, paper.hoTenMe)]
            fits = own or fits
        if len(fits) > 1:
            return "AMBIGUOUS"
        if fits:
            same = fits[0].gioiTinh == paper.gioiTinh
            if parents:
                same = same and (fits[0].hoTenCha, fits[0].hoTenMe) == (paper.hoTenCha, paper.hoTenMe)
            return "MATCH" if same else "MISMATCH"
        return "MISMATCH" if known else "NOT_FOUND"


def measure_verdicts(people: int, cases: int, wrong: float, seed: int) -> dict[str, Any]:
    dice = random.Random(seed)
    households = list(Province(seed).households(people))
    rows = [r for h in households for r in h]
    register, truth = PopulationRegister(rows), Truth(rows)
    strangers = [h for h in Province(seed + 7).households(cases) if h.children]
    confusion: Counter[str] = Counter()
    n = right = 0
    families = dice.sample([h for h in households if h.children], cases)
    for family in families:
        known = dice.random() >= 0.1
        household = family if known else strangers.pop()
        child = dice.choice(household.children)
        on_paper = {"nks": child, "cha": household.father, "me": household.mother}
        if dice.random() < 0.2:
            who = dice.choice(tuple(on_paper))
            column = dice.choice(DIFFERENCES if who == "nks" else DIFFERENCES[:2])
            on_paper[who] = slipped(on_paper[who], column, dice)
        father, mother = on_paper["cha"], on_paper["me"]
        child = replace(on_paper["nks"], hoTenCha=father.hoTen, hoTenMe=mother.hoTen)
        case = case_of(child, Household(father, mother, (child,)), wrong, dice)
        found = check_population(case, register)
        for prefix, paper in (("nks", child), ("cha", father), ("me", mother)):
            want = truth.verdict(paper, year_only=prefix != "nks", known=known, parents=prefix == "nks")
            got = str(found[prefix].verdict) if prefix in found else "NONE"
            n += 1
            right += got == want
            if got != want:
                confusion[f"{want}->{got}"] += 1
    wrong_match = sum(v for k, v in confusion.items() if k.endswith("->MATCH"))
    return {
        "n": n,
        "people": len(rows),
        "correct": round(right / n, 4),
        "wrong_match": wrong_match,
        "confusion": dict(confusion.most_common()),
    }


def measure(args: argparse.Namespace) -> dict[str, Any]:
    result: dict[str, Any] = {"seed": args.seed}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        asked = drawn(args.people, args.queries, args.seed, path)
        before, start, worked = peak_mb(), time.perf_counter(), time.process_time()
        register = PopulationRegister.from_csv(path)
        result["load"] = {
            "people": len(register),
            "csv_mb": path.stat().st_size >> 20,
            "seconds": round(time.perf_counter() - start, 1),
            "processor_seconds": round(time.process_time() - worked, 1),
            "index_mb": register.nbytes >> 20,
            "peak_mb_before": before,
            "peak_mb": peak_mb(),
        }
    result["search"] = {
        name: measure_search(register, asked, noise, args.seed) for name, noise in NOISES.items()
    }
    del register
    result["verdicts"] = {
        name: measure_verdicts(args.verdict_people, args.cases, wrong, args.seed + 100)
        for name, wrong in READ_WRONG.items()
    }
    if args.linkage:
        result["linkage"] = measure_linkage(args.linkage, args.queries, args.seed)
    return result


def measure_linkage(people: int, queries: int, seed: int) -> dict[str, Any]:
    rows = [r for h in Province(seed).households(people) for r in h]
    dice = random.Random(seed)
    asked = dice.sample(rows, queries)
    result: dict[str, Any] = {"people": len(rows)}
    for name, noise in list(NOISES.items())[1:]:
        persons = {str(i): doubtful(row, noise, dice, frozenset()).query for i, row in enumerate(asked)}
        start = time.perf_counter()
        found = link(persons, rows, seed=seed)
        seconds = time.perf_counter() - start
        best: dict[str, LinkedPair] = {}
        for pair in (*found.certain, *found.uncertain):
            best.setdefault(pair.person, pair)

        def right(pair: LinkedPair) -> bool:
            return rows[pair.row].soDinhDanh == asked[int(pair.person)].soDinhDanh

        first = sum(right(pair) for pair in best.values())
        sure = sum(right(pair) for pair in found.certain)
        share = len(found.certain)
        result[name] = {
            "recall_at_1": round(first / queries, 4),
            "certain_share": round(share / queries, 4),
            "certain_precision": round(sure / share, 4) if share else None,
            "seconds": round(seconds, 1),
            "peak_mb": peak_mb(),
        }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--verdict-people", type=int, default=20_000)
    parser.add_argument("--cases", type=int, default=1_000, help="births judged, three persons each")
    parser.add_argument("--linkage", type=int, default=0, help="people for the batch linker; 0 leaves it out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = measure(args)
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for part, figures in result.items():
        print(part)
        for name, value in figures.items() if isinstance(figures, dict) else [("", figures)]:
            print(f"  {name:<16}{value}")


if __name__ == "__main__":
    main()
