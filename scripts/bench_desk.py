"""Measure the desk at work; see ``bench_desk``.

*Keys* counts what an officer presses, Telex included. *Server* is the time from a request sent to the first
byte of its answer, in the browser's own clock, on loopback. *Weight* is what a browser that has seen nothing
of the desk fetches for one screen: headers, styles, programs and pictures, as compressed on the way.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request

sys.path.insert(0, str(Path(__file__).resolve().parent))

from desk_browser import SCREENS, SignedIn, instance, running_instance, signed_in
from desk_officer import Officer, Work

from pipeline.evaluation.comparing import pair_records

ACTIONS = (
    (r"/truong/[^/]+/$", "say a word"),
    (r"/xong/$", "finish a record"),
    (r"/o/\d+\.jpg$", "picture of a field"),
    (r"/trang/\d+\.jpg$", "picture of a page"),
    (r"/kiem-tra/[0-9a-f-]{36}/$", "open a record"),
    (r"/(dan-cu|muc)/\d+/$", "answer a finding"),
)


class Watch:
    """Notes what every request of a page took and weighed."""

    def __init__(self, page: Page) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.total = 0.0
        self._finished: list[Request] = []
        page.on("requestfinished", lambda request: self._finished.append(request))

    def collect(self) -> int:
        """Add what has come since the last time; returns its bytes."""
        weight = 0
        for request in self._finished:
            took = request.timing["responseStart"] - request.timing["requestStart"]
            if request.url.startswith("http") and took >= 0:
                name = next((n for p, n in ACTIONS if re.search(p, request.url)), "")
                if name:
                    self.seconds[name].append(took / 1000)
                    self.total += took / 1000
                sizes = request.sizes()
                weight += sizes["responseBodySize"] + sizes["responseHeadersSize"]
        self._finished.clear()
        return weight


def true_fields(corpus: Path) -> dict[str, Mapping[str, Any]]:
    """The truth of every record in the database that has one, by its key."""
    from pipeline.models import Record

    found = {}
    for item in json.loads((corpus / "manifest.json").read_text("utf-8"))["items"]:
        scan = corpus / item["scan"]
        truth = json.loads((scan.parent / "truth.json").read_text("utf-8"))["records"]
        digest = hashlib.sha256(scan.read_bytes()).hexdigest()
        rows = list(Record.objects.filter(scan__sha256=digest))
        got = [
            {"page": r.page, "pages": r.pages, "form": r.form, "box": r.box}
            | {"fields": {k: {"value": v.value} for k, v in r.current_fields().items()}}
            for r in rows
        ]
        for i, j in pair_records(truth, got).items():
            found[str(rows[j].pk)] = truth[i]["fields"]
    return found


def review(desk: SignedIn, corpus: Path, limit: int) -> dict[str, Any]:
    """Work through the queue; a record that paper and truth do not know is passed over."""
    from pipeline.models import Record

    truth, officer, watch = true_fields(corpus), Officer(desk.page), Watch(desk.page)
    done: list[tuple[Work, float]] = []
    waiting = Record.objects.filter(state="TO_REVIEW").order_by("book_key", "scan_id", "ordinal")
    queue = [str(pk) for pk in waiting.values_list("pk", flat=True) if str(pk) in truth][: limit or None]
    for pk in queue:
        address = f"{desk.url}kiem-tra/{pk}/"
        if desk.page.url != address or (done and done[-1][0].left):
            desk.page.goto(address, wait_until="networkidle")
        watch.collect()
        before, row = watch.total, Record.objects.get(pk=pk)
        values = {k: v.value for k, v in row.current_fields().items()}
        work = officer.review(row.form, truth[pk], values)
        watch.collect()
        done.append((work, watch.total - before))
    works = [work for work, _ in done if not work.left]
    return {
        "records": len(done),
        "finished": len(works),
        "left": Counter(work.left for work, _ in done if work.left),
        "keys_per_record": spread([w.keys for w in works]),
        "keys_by_form": {
            form: round(statistics.mean(w.keys for w in works if w.form == form), 1)
            for form in sorted({w.form for w in works})
        },
        "fields_asked": sum(w.doubtful for w in works),
        "answers": {
            n: sum(getattr(w, n) for w in works)
            for n in ("confirmed", "chosen", "typed", "emptied", "findings", "jumps")
        },
        "server_seconds_per_record": spread([seconds for _, seconds in done]),
        "next_record_seconds": spread([w.seconds for w in works]),
        "actions": {name: spread(seconds) for name, seconds in sorted(watch.seconds.items())},
    }


def weights(desk: SignedIn) -> dict[str, int]:
    """Bytes that the first visit to each screen takes."""
    told = {}
    for screen in SCREENS:
        page = desk.fresh_page()
        if screen.open(page, desk.url):
            address = page.url
            page.context.close()
            # anew, so that the way there does not count
            page = desk.fresh_page()
            watch = Watch(page)
            if screen.fill:
                screen.open(page, desk.url)
            else:
                page.goto(address, wait_until="load")
                page.wait_for_timeout(1500)
            told[screen.name] = watch.collect()
        page.context.close()
    return told


def spread(values: Sequence[float]) -> dict[str, float]:
    """Number, median, 95th percentile and mean."""
    if not values:
        return {"n": 0}
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "p50": round(ordered[len(ordered) // 2], 4),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 4),
        "mean": round(statistics.mean(ordered), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, default=Path("samples"))
    parser.add_argument("--records", type=int, default=0, help="review no more than so many")
    parser.add_argument("--running", action="store_true", help="on the instance that runs, as it stands")
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    home = running_instance() if given.running else instance(given.corpus)
    with home as url, signed_in(url, "hanh.tran", "Trần Thị Hạnh", ("registrar", "auditor")) as desk:
        result = {"weights": weights(desk), **review(desk, given.corpus, given.records)}
    if given.as_json:
        print(json.dumps(result, indent=1, ensure_ascii=False))
        return
    print(
        f"{result['finished']} of {result['records']} records finished, {result['fields_asked']} fields asked"
    )
    for name in ("keys_per_record", "server_seconds_per_record", "next_record_seconds"):
        print(f"{name}: {result[name]}")
    for name, told in result["actions"].items():
        print(f"{name}: {told}")
    for name, weight in result["weights"].items():
        print(f"{name}: {weight / 1000:.0f} kB")


if __name__ == "__main__":
    main()
