"""Measure the search; see ``bench_desk_search``.

Every question goes through sign-in, rights, log and page of the desk, one at a time, in this process. *Found*
is the share of questions whose record stands on the page, or that the page asks to narrow down. Where other
work shares the machine, *processor* tells more than the clock: the mean of this process and its database.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.embedded import Embedded

Ask = Callable[[Any, random.Random], Mapping[str, str] | None]
"""What an officer types who looks for a case; None where the case has nothing of the kind."""


def bare(text: str) -> str:
    from pipeline.search_terms import folded

    return folded(text)


def slipped(name: str, dice: random.Random) -> str:
    """The name with two letters of one word changed over, or one letter wrong."""
    words = bare(name).split()
    at = max(range(len(words)), key=lambda n: (len(words[n]), n))
    word, place = words[at], dice.randrange(1, max(2, len(words[at]) - 1))
    if dice.random() < 0.5:
        words[at] = word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
    else:
        words[at] = word[:place] + dice.choice("aeiouhgnm") + word[place + 1 :]
    return " ".join(words)


def turned(iso: str) -> str:
    return "/".join(reversed(iso.split("-")))


def today(place: str) -> str:
    """The commune of today, as it is called now."""
    from pipeline.places import office_gazetteer

    gazetteer = office_gazetteer()
    best = next(iter(gazetteer.resolve(place)), None)
    if best is None or not best.today:
        return ""
    unit = best.today[0]
    return ", ".join(f"{u.kind} {u.name}" for u in (unit, *gazetteer.parents(unit)))


def born(case: Any) -> str:
    return next((v for k, v in case.fields.items() if k.endswith("NgaySinh")), "")


ASKED: Mapping[str, Ask] = {
    "name": lambda c, _: {"text": c.person},
    "name without marks": lambda c, _: {"text": bare(c.person)},
    "name and year": lambda c, _: {"text": f"{bare(c.person)} {born(c)[:4]}"} if born(c) else None,
    "given name alone": lambda c, _: {"text": bare(c.person).split()[-1]},
    "beginning of the name": lambda c, _: {"text": bare(c.person)[:-1]},
    "name mistyped": lambda c, dice: {"text": slipped(c.person, dice)},
    "name mistyped, year": lambda c, dice: (
        {"text": f"{slipped(c.person, dice)} {born(c)[:4]}"} if born(c) else None
    ),
    "entry number": lambda c, _: {"text": c.entry} if c.form != "GCN" else None,
    "serial": lambda c, _: {"text": c.entry} if c.form == "GCN" else None,
    "personal number": lambda c, _: {"text": c.fields["nksSoDinhDanh"]} if c.form == "KS" else None,
    "birth date": lambda c, _: {"text": turned(born(c))} if born(c) else None,
    "parent": lambda c, _: {"parent": bare(c.fields["meHoTen"])} if c.form == "KS" else None,
    "given name and parent": lambda c, _: (
        {"text": bare(c.person).split()[-1], "parent": bare(c.fields["meHoTen"])} if c.form == "KS" else None
    ),
    "parcel and sheet": lambda c, _: (
        {"parcel": c.fields["thuaDatSo"], "sheet": c.fields["toBanDoSo"]} if c.form == "GCN" else None
    ),
    "name, place of then": lambda c, _: {"text": bare(c.person), "place": c.place},
    "name, place of today": lambda c, _: (
        {"text": bare(c.person), "place": p} if (p := today(c.place)) else None
    ),
    "nobody": lambda c, dice: {"text": f"{bare(c.person)} {dice.randrange(10**8, 10**9)}"},
}  # fmt: skip


def measure(client: Any, kept: Sequence[Any], questions: int) -> dict[str, dict[str, float]]:
    """Ask so many questions of every kind and time the pages."""
    result = {}
    for name, ask in ASKED.items():
        dice, seconds, found, used = random.Random(name), [], 0, processor_seconds()
        for case in dice.sample(kept, len(kept)):
            if (question := ask(case, dice)) is None:
                continue
            start = time.perf_counter()
            answer = client.post("/tra-cuu/", question)
            seconds.append(time.perf_counter() - start)
            page = answer.content.decode()
            assert answer.status_code == 200
            found += f"<td>{case.entry}</td>" in page or "Còn nhiều hồ sơ khác" in page
            if len(seconds) == questions:
                break
        used_up = processor_seconds()
        seconds.sort()
        result[name] = {
            "questions": len(seconds),
            "p50_ms": round(1000 * seconds[len(seconds) // 2], 1),
            "processor_ms": round(1000 * (used_up - used) / len(seconds), 1),
            "p95_ms": round(1000 * seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))], 1),
            "found": round(found / len(seconds), 3),
        }
    return result


def processor_seconds() -> float:
    """Of this process and of the one of the database that serves it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    times = psutil.Process(pid).cpu_times()
    return time.process_time() + times.user + times.system


def sign_in(name: str, office: Any) -> Any:
    """A client with an account of that office, which has said what it searches for."""
    from django.test import Client

    from pipeline.people.accounts import make_account
    from pipeline.people.models import Role
    from web.searching import PURPOSES

    account, _ = make_account(name, full_name="", roles=[(Role.REGISTRAR, office)], by="sohoa")
    account.first_password.delete()
    client = Client()
    client.force_login(account)
    client.post("/tra-cuu/", {"muc_dich": PURPOSES[0]})
    return client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=100, help="of every kind, by every account")
    parser.add_argument("--keep", type=Path, help="data folder to fill, or to ask again once it is full")
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    temporary = tempfile.TemporaryDirectory(prefix="sohoa-search-")
    with nullcontext(given.keep) if given.keep else temporary as folder:
        os.environ["SOHOA_DATA_DIR"] = str(Path(folder) / "data")
        os.environ["SOHOA_ALLOWED_HOSTS"] = '["testserver"]'
        with Embedded(load_settings(), ["postgres"]):
            set_up_django()
            result = _filled_and_asked(given)
    if given.as_json:
        print(json.dumps(result, indent=1, ensure_ascii=False))
        return
    print(f"{result['records']} records, loaded in {result['load_seconds']:.0f} s, {result['megabytes']} MB")
    for account, kinds in result["accounts"].items():
        for name, told in kinds.items():
            print(f"{account:9} {name:24} {told}")


def _filled_and_asked(given: argparse.Namespace) -> dict[str, Any]:
    from desk_archive import OFFICES, Province, cases, load, make_offices, office_at
    from django.contrib.auth import get_user_model
    from django.db import connection

    from pipeline.models import Office, Record

    start, people, one_in = time.monotonic(), Province(1), max(1, given.records // 20_000)
    if not Record.objects.exists():
        kept = load(cases(people, given.records), make_offices(), one_in)
    else:
        kept = [case for n, case in enumerate(cases(people, given.records)) if n % one_in == 0]
    took = time.monotonic() - start
    get_user_model().objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("select pg_database_size(current_database()) / 1000000")
        (size,) = cursor.fetchone()
    commune = max(Office.objects.exclude(parent=None), key=lambda o: Record.objects.filter(office=o).count())
    accounts = {
        "province": (Office.objects.get(parent=None), kept),
        "commune": (commune, [c for c in kept if office_at(c, OFFICES) == int(commune.code[-3:])]),
    }
    return {
        "records": Record.objects.count(),
        "load_seconds": round(took, 1),
        "megabytes": int(size),
        "accounts": {
            name: measure(sign_in(name, office), mine, given.questions)
            for name, (office, mine) in accounts.items()
        },
    }


if __name__ == "__main__":
    main()
