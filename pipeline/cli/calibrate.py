"""`sohoa calibrate`: fit what confidences mean on corpora with truth."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from ocr.elements import FieldReading, FieldStatus, Ink
from pipeline.addresses import resolve
from pipeline.calibration import (
    LINE,
    PAGE,
    SHIPPED,
    Calibration,
    Curve,
    features_of,
    fit_steps,
    fit_weights,
    least_accepted,
    score_of,
    way_of,
)
from pipeline.cli.read import batch_json, read_batch
from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.evaluation.comparing import equal, pair_records
from pipeline.evaluation.reliability import reliability
from pipeline.policies import READ_FROM, decide_field, may_be_accepted

_FOLDS = 5
_LEAST_ROWS = 50
_MARGIN = 0.4
"""Of the errors that the promise allows, fitting may use so many: other offices' papers are harder."""
PROMISED = 0.995
LEAST = 0.95
"""A field that by its own claim is wrong once in twenty times is never accepted."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A field that was read, the item and form it stands in, and whether it is right."""

    item: str
    form: str
    reading: FieldReading
    right: bool


@click.command("calibrate", help="Hiệu chỉnh độ tin cậy theo các bộ mẫu có đáp án.")
@click.argument("directories", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--corrections", is_flag=True, help="Dùng thêm các trường cán bộ đã sửa hoặc xác nhận.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=SHIPPED,
    show_default=False,
    help="Tệp hiệu chỉnh (mặc định: tệp đi kèm chương trình).",
)
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(directories: tuple[Path, ...], corrections: bool, out: Path, jobs: int, as_json: bool) -> None:
    """Fit by cross-validation over items, so that no page judges itself, then on everything."""
    samples = [sample for directory in directories for sample in samples_of(directory, jobs)]
    if corrections:
        samples += corrected_samples()
    if len(samples) < _LEAST_ROWS:
        raise click.UsageError(f"Cần ít nhất {_LEAST_ROWS} trường có đáp án, mới có {len(samples)}.")
    names = [directory.name for directory in directories] + ["corrections"] * corrections
    calibration, probabilities = fitted(samples, " ".join(names))
    out.write_text(calibration.model_dump_json(indent=1) + "\n", encoding="utf-8")
    rows = reliability(probabilities, [s.right for s in samples])
    result = {
        "fields": len(samples),
        "accept_from": dict(calibration.accept_from),
        "held_out": held_out(samples, probabilities, calibration),
        "reliability": [row._asdict() for row in rows],
        "written": str(out),
    }
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
        return
    table = Table("Độ tin cậy", "Số trường", "Dự báo", "Đúng thật", title="Kiểm định chéo")
    for row in rows:
        span = f"{row.least:.2f}–{row.most:.2f}"
        table.add_row(span, str(row.n), f"{100 * row.claimed:.1f} %", f"{100 * row.right:.1f} %")
    Console().print(table)
    for ink, told in result["held_out"].items():
        right = f"{told['right']}/{told['accepted']}"
        click.echo(f"{ink}: máy tự nhận {told['accepted']} trên {told['n']} trường, đúng {right}")
    click.echo(f"Đã ghi {out}")


def samples_of(directory: Path, jobs: int) -> Iterator[Sample]:
    """Read a corpus and compare every field that was read with its truth."""
    manifest = json.loads((directory / "manifest.json").read_text("utf-8"))["items"]
    paths = [directory / item["scan"] for item in manifest]
    readings, judgements = read_batch(paths, jobs=jobs, register=None, books=None)
    got = batch_json(readings, judgements)
    for item, reading, shown in zip(manifest, readings, got, strict=True):
        truth: Mapping[str, Any] = json.loads(
            (directory / "items" / item["id"] / "truth.json").read_text("utf-8")
        )
        for i, j in pair_records(truth["records"], shown["records"]).items():
            for key, field in reading.records[j].fields.items():
                if "passed" in field.signals and key in truth["records"][i]["fields"]:
                    right = equal(truth["records"][i]["fields"][key], shown["records"][j]["fields"][key])
                    yield Sample(item["id"], reading.records[j].form, field, right)


def held_out(
    samples: Sequence[Sample], probabilities: Sequence[float], calibration: Calibration
) -> dict[str, dict[str, int]]:
    """What would be accepted, and is right, by ink; with confidences of models that never saw the item."""
    counts: dict[str, dict[str, int]] = {}
    for sample, probability in zip(samples, probabilities, strict=True):
        passed = sample.reading.signals["passed"] > 0 and probability >= READ_FROM
        status = FieldStatus.READ if passed else FieldStatus.LOW_CONFIDENCE
        unseen = replace(sample.reading, confidence=probability, status=status)
        told = counts.setdefault(str(sample.reading.ink), {"n": 0, "accepted": 0, "right": 0})
        accepted = decide_field(unseen, sample.form, calibration).accepted
        told["n"] += 1
        told["accepted"] += accepted
        told["right"] += accepted and sample.right
    return counts


def corrected_samples() -> list[Sample]:
    """Fields of which a machine and later a person said what stands on the paper; needs running services."""
    resolve(load_settings())
    set_up_django()
    from pipeline.corrections import corrected_readings

    return [Sample(f"record:{pk}", form, reading, right) for pk, form, reading, right in corrected_readings()]


def fitted(samples: Sequence[Sample], name: str) -> tuple[Calibration, list[float]]:
    """Models fitted on all samples, and what each sample gets from models that never saw its item."""
    items = sorted({s.item for s in samples})
    fold = {item: n % _FOLDS for n, item in enumerate(items)}
    probabilities = [0.0] * len(samples)
    curves: dict[str, Curve] = {}
    for way in (LINE, PAGE):
        chosen = [n for n, s in enumerate(samples) if way_of(s.reading) == way]
        if len(chosen) < _LEAST_ROWS:
            continue
        rows = {n: features_of(samples[n].reading) for n in chosen}
        scores: dict[int, float] = {}
        for held in range(_FOLDS):
            known = [n for n in chosen if fold[samples[n].item] != held]
            weights = fit_weights([rows[n] for n in known], [samples[n].right for n in known])
            scores |= {n: score_of(weights, rows[n]) for n in chosen if fold[samples[n].item] == held}
        for held in range(_FOLDS):
            known = [n for n in chosen if fold[samples[n].item] != held]
            steps = fit_steps([scores[n] for n in known], [samples[n].right for n in known])
            for n in chosen:
                if fold[samples[n].item] == held:
                    probabilities[n] = float(
                        np.interp(scores[n], [x for x, _ in steps], [y for _, y in steps])
                    )
        weights = fit_weights([rows[n] for n in chosen], [samples[n].right for n in chosen])
        steps = fit_steps([scores[n] for n in chosen], [samples[n].right for n in chosen])
        curves[way] = Curve(weights=weights, steps=steps)
    allowed = [n for n, s in enumerate(samples) if may_be_accepted(s.reading, s.form)]
    accept = {}
    for ink in ("machine", "hand"):
        own = [n for n in allowed if (samples[n].reading.ink is Ink.HAND) == (ink == "hand")]
        right = np.array([samples[n].right for n in own], bool)
        claimed = np.array([probabilities[n] for n in own], np.float64)
        precision = 1 - _MARGIN * (1 - PROMISED)
        least = least_accepted(claimed, right, precision) if own else 1.01
        accept[ink] = round(max(LEAST, least), 4)
    fitted_on = f"{name}: {len(samples)} fields of {len(items)} items, {_FOLDS}-fold by item"
    return Calibration(curves=curves, accept_from=accept, fitted_on=fitted_on), probabilities
