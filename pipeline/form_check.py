"""Tries a form file on sample scans: what was recognised, where, and what was not found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from ocr.elements import Box, FieldStatus, PageState, RecordReading
from ocr.forms.schema import Form, FormLibrary
from ocr.scans import PageError, open_scan
from pipeline.reading import Reader, ScanReading, read_scan

_COLOURS: Mapping[FieldStatus, tuple[int, int, int]] = {
    FieldStatus.READ: (0, 140, 0),
    FieldStatus.LOW_CONFIDENCE: (0, 120, 220),
    FieldStatus.EMPTY: (160, 160, 160),
}
_OTHER = (0, 0, 220)


@dataclass(frozen=True, slots=True)
class Trial:
    """One sample scan read with the form.

    Attributes:
        reading: everything that was read.
        records: those that were taken for this form.
        advice: what to change in the form file, in Vietnamese.
    """

    reading: ScanReading
    records: tuple[RecordReading, ...]
    advice: tuple[str, ...]


def try_form(form: Form, library: FormLibrary, scan: Path, reader: Reader) -> Trial:
    """Read one sample with a library that holds the form."""
    reading = read_scan(scan, name=str(scan), reader=replace(reader, forms=library))
    records = tuple(r for r in reading.records if (r.form, r.era) == (form.form, form.era))
    return Trial(reading, records, tuple(_advice(form, reading, records)))


def _advice(form: Form, reading: ScanReading, records: tuple[RecordReading, ...]) -> Iterable[str]:
    if reading.error:
        yield reading.error[1]
        return
    if not records:
        others = {f"{r.form} {r.era}" for r in reading.records}
        taken = f" Trang được coi là {', '.join(sorted(others))}." if others else ""
        unread = [p.page for p in reading.pages if p.state in (PageState.BLANK, PageState.UNREADABLE)]
        if unread:
            yield f"Trang {', '.join(map(str, unread))} trắng hoặc không đọc được: hãy quét lại."
        yield (
            f"Không nhận ra mẫu {form.form} {form.era}.{taken} Hãy xem lại titles (tên in trên đầu mẫu), "
            "signs (chữ chỉ có ở mẫu này), against (chữ không có ở mẫu này) và years."
        )
    for record in records:
        lost = [k for k, f in record.fields.items() if f.status is FieldStatus.UNREADABLE and f.box is None]
        if lost:
            yield (
                f"Trang {record.page}: không tìm thấy chỗ của {', '.join(lost)}. Hãy thêm đúng chữ in trên "
                "mẫu vào label của các trường này, và xem lại thứ tự các [[row]] từ trên xuống."
            )


def draw_trial(trial: Trial, scan: Path, folder: Path) -> list[Path]:
    """Draw the boxes found on the pages of a scan, one PNG per page that has any.

    Green was read, orange read with doubt, grey is empty, red was not read.
    """
    boxes: dict[int, list[tuple[str, Box, FieldStatus]]] = {}
    for record in trial.records:
        for key, field in record.fields.items():
            if field.box is not None:
                boxes.setdefault(field.page, []).append((key, field.box, field.status))
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    with open_scan(scan) as opened:
        for number, found in sorted(boxes.items()):
            page = opened.page(number)
            if isinstance(page, PageError):
                continue
            path = folder / f"{scan.stem}-{number}.png"
            encoded = cv2.imencode(".png", _with_boxes(page.image, found))[1]
            path.write_bytes(encoded.tobytes())
            drawn.append(path)
    return drawn


def _with_boxes(
    image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    found: Iterable[tuple[str, Box, FieldStatus]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = image.copy()
    size = max(0.4, picture.shape[1] / 2500)
    for key, (left, top, right, bottom), status in found:
        colour = _COLOURS.get(status, _OTHER)
        cv2.rectangle(picture, (left, top), (right, bottom), colour, 2)
        place = (left, max(12, top - 4))
        cv2.putText(picture, key, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, max(1, round(2 * size)))
    return picture
