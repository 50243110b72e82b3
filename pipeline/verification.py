"""One walk over the store that proves what it holds, can be cut short, and goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.events import record_event
from storage.checks import Outcome
from storage.verify import ObjectReport

SAVE_EVERY_SECONDS = 2.0


@dataclass(slots=True)
class Progress:
    """How far a walk is.

    Attributes:
        asked: what the walk is about; a walk about something else starts anew.
        bucket: the one under way.
        key: last one proved there.
        seconds: spent so far, over all sittings.
        incidents: code and place of what failed, for the report.
    """

    asked: str
    started: str
    bucket: str = ""
    key: str = ""
    done: bool = False
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    incidents: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def at(cls, path: Path, asked: str) -> Progress:
        """The kept state of the same walk, else a new one."""
        try:
            kept = cls(**json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            kept = None
        if kept is not None and kept.asked == asked and not kept.done:
            kept.incidents = [(code, bucket, key) for code, bucket, key in kept.incidents]
            return kept
        return cls(asked, datetime.now(UTC).isoformat(timespec="seconds"))

    def save(self, path: Path) -> None:
        """Keep it, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self), ensure_ascii=False), "utf-8")
        partial.replace(path)

    @property
    def per_second(self) -> float:
        """Objects proved in a second."""
        return sum(self.counts.values()) / self.seconds if self.seconds else 0.0


def walk(
    progress: Progress,
    state: Path,
    buckets: Iterable[str],
    prove: Callable[[str, str], Iterator[ObjectReport]],
) -> Iterator[ObjectReport]:
    """Prove bucket after bucket; the state is kept every few seconds and at the end.

    Args:
        progress: from `Progress.at`.
        state: file of the state.
        buckets: in a fixed order.
        prove: bucket and the key to go on behind, to reports in the order of keys.
    """
    order = list(buckets)
    begin = order.index(progress.bucket) if progress.bucket in order else 0
    saved = last = time.monotonic()
    try:
        for bucket in order[begin:]:
            after = progress.key if bucket == progress.bucket else ""
            progress.bucket, progress.key = bucket, after
            for report in prove(bucket, after):
                yield report
                now = time.monotonic()
                progress.key, progress.seconds, last = report.key, progress.seconds + now - last, now
                count(progress, report)
                if now - saved > SAVE_EVERY_SECONDS:
                    progress.save(state)
                    saved = now
        progress.done = True
    finally:
        progress.save(state)


def count(progress: Progress, report: ObjectReport) -> None:
    """Add one report to the sums; an incident in the store leaves an event."""
    sums = Counter(progress.counts)
    sums[report.outcome.value] += 1
    progress.counts = dict(sums)
    for check in report.checks:
        if check.outcome is Outcome.FAILED:
            progress.incidents.append((check.code, report.bucket, report.key))


def tell_incidents(progress: Progress, *, actor: str) -> None:
    """Leave one event for each object that is not as it was sealed."""
    for code, bucket, key in progress.incidents:
        subject = f"object:{hashlib.sha256(f'{bucket}/{key}'.encode()).hexdigest()[:40]}"
        record_event(
            "store.incident", actor=actor, subject=subject, data={"code": code, "bucket": bucket, "key": key}
        )


def sampler(share: float, seed: str) -> Callable[[str], bool]:
    """Choose about this share of all keys, the same for the same seed."""
    limit = int(share * 2**64)

    def chosen(key: str) -> bool:
        digest = hashlib.sha256(f"{seed}\0{key}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < limit

    return chosen


def summary(progress: Progress) -> str:
    """What came out, in Vietnamese."""
    counts = progress.counts
    text = (
        f"{sum(counts.values())} bản: {counts.get('PASSED', 0)} đạt, "
        f"{counts.get('INDETERMINATE', 0)} chưa kết luận được, {counts.get('FAILED', 0)} có sự cố; "
        f"{progress.per_second:.1f} bản mỗi giây."
    )
    places = [f"  {code}: {bucket}/{key}" for code, bucket, key in progress.incidents[:20]]
    if len(progress.incidents) > len(places):
        places.append(f"  … và {len(progress.incidents) - len(places)} sự cố nữa.")
    return "\n".join([text, *places])
