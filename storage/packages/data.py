"""Data packages: a folder with ``records``, ``evidence`` and ``metadata.json``, in CSV, Parquet or JSON.

Every cell is text but versions, pages and confidences; the purpose stands in every row of the records, so
that a file that lost its folder still says what it is. Equal data gives equal bytes.
"""

from __future__ import annotations

import csv
import enum
import hashlib
import io
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from storage.checks import Check, failed, passed
from storage.errors import PackageError
from storage.packages.archive_xml import moment
from storage.packages.data_model import DataRecord, DataSet, Evidence, Profile, may_see

FORMAT = "sohoa-data/1"
METADATA_NAME = "metadata.json"
RECORD_COLUMNS = (
    *("profile", "record", "version", "office", "form", "era", "book", "approved_at", "sealed_sha256"),
)
EVIDENCE_COLUMNS = tuple(f.name for f in fields(Evidence))
_KINDS: Mapping[str, Callable[[str], Any]] = {
    "version": int,
    "page": int,
    "confidence": float,
    "accepted": lambda text: {"True": True, "False": False}[text],
}
_ARROW = {"version": pa.int32(), "page": pa.int32(), "confidence": pa.float64(), "accepted": pa.bool_()}

Row: TypeAlias = dict[str, Any]


class DataFormat(enum.StrEnum):
    """How tables are written."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


def write_data(dataset: DataSet, target: Path, kind: DataFormat) -> Path:
    """Write a data set into a new folder; nothing stands there unless all of it does.

    Raises:
        PackageError: ``TARGET_EXISTS``, ``NOT_MASKED`` (a field that the purpose may not see),
            ``TIME_WITHOUT_ZONE``.
    """
    if target.exists():
        raise PackageError("TARGET_EXISTS", f"{target} exists; data is never written over")
    hidden = _unmasked(dataset)
    if hidden:
        raise PackageError("NOT_MASKED", ", ".join(hidden))
    keys = sorted({key for record in dataset.records for key in record.values})
    tables = {
        "records": ([*RECORD_COLUMNS, *keys], [_row(r, dataset.profile, keys) for r in dataset.records]),
        "evidence": ([*EVIDENCE_COLUMNS], [asdict(e) for e in dataset.evidence]),
    }
    told = _told(dataset, kind, keys)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".sohoa-") as hidden_folder:
        folder = Path(hidden_folder) / "data"
        folder.mkdir(mode=0o700)
        files = {}
        for name, (columns, rows) in tables.items():
            data = _WRITERS[kind](columns, rows, told)
            (folder / f"{name}.{kind}").write_bytes(data)
            files[f"{name}.{kind}"] = {
                "sha256": hashlib.sha256(data).hexdigest(),
                "rows": len(rows),
                "columns": columns,
            }
        content = json.dumps({**told, "files": files}, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / METADATA_NAME).write_text(content, "utf-8")
        folder.rename(target)
    return target


def read_data(folder: Path) -> DataSet:
    """Read a data set back.

    Raises:
        PackageError: ``METADATA_MISSING``, ``METADATA_UNREADABLE``, ``FILE_MISSING``, ``TABLE_UNREADABLE``.
    """
    told = _metadata(folder)
    try:
        kind = DataFormat(told["kind"])
        profile = Profile(told["profile"])
        created = datetime.fromisoformat(told["created"])
        office = str(told["office"])
    except (KeyError, ValueError, TypeError) as error:
        raise PackageError("METADATA_UNREADABLE", str(error)) from error
    rows = {name: _table(folder / f"{name}.{kind}", kind) for name in ("records", "evidence")}
    try:
        records = tuple(_record(row) for row in rows["records"])
        evidence = tuple(Evidence(**row) for row in rows["evidence"])
    except (KeyError, TypeError, ValueError) as error:
        raise PackageError("TABLE_UNREADABLE", f"{type(error).__name__} {error}") from error
    return DataSet(profile, office, created, records, evidence)


def check_data(folder: Path) -> tuple[Check, ...]:
    """Prove a data folder from outside: files, hashes, columns, rows, and that nothing shows that may not."""
    try:
        told = _metadata(folder)
        files: dict[str, Any] = told["files"]
        checks = _file_checks(folder, files)
        if checks:
            return tuple(checks)
        dataset = read_data(folder)
        kind = DataFormat(told["kind"])
        return (
            *_content_checks(folder, dataset, files, kind),
            passed("data", "COUNTED", files=str(len(files))),
        )
    except PackageError as error:
        return (failed("data", error.code, error=error.message),)
    except (KeyError, TypeError, AttributeError) as error:
        return (failed("data", "METADATA_UNREADABLE", error=f"{type(error).__name__} {error}"),)


def _file_checks(folder: Path, files: dict[str, Any]) -> list[Check]:
    standing = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    checks = [failed("data", "FILE_MISSING", name=n) for n in sorted(set(files) - standing)]
    extra = standing - set(files) - {METADATA_NAME}
    checks += [failed("data", "FILE_NOT_LISTED", name=n) for n in sorted(extra)]
    for name in sorted(standing & set(files)):
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != files[name]["sha256"]:
            checks.append(failed("data", "FILE_CHANGED", name=name))
    return checks


def _content_checks(folder: Path, dataset: DataSet, files: dict[str, Any], kind: DataFormat) -> list[Check]:
    checks = []
    for name, number in (("records", len(dataset.records)), ("evidence", len(dataset.evidence))):
        listed = files[f"{name}.{kind}"]
        rows = _table(folder / f"{name}.{kind}", kind)
        if listed["rows"] != number:
            checks.append(
                failed("data", "ROWS_DIFFER", name=name, told=str(listed["rows"]), found=str(number))
            )
        if rows and list(rows[0]) != listed["columns"]:
            checks.append(failed("data", "COLUMNS_DIFFER", name=name))
        if name == "records" and any(row["profile"] != dataset.profile for row in rows):
            checks.append(failed("data", "PROFILE_DIFFERS", name=name))
    checks += [failed("data", "NOT_MASKED", name=name) for name in _unmasked(dataset)]
    known = [r.record for r in dataset.records]
    if len(set(known)) != len(known):
        checks.append(failed("data", "RECORD_TWICE"))
    lost = {e.record for e in dataset.evidence} - set(known)
    checks += [failed("data", "EVIDENCE_WITHOUT_RECORD", record=r) for r in sorted(lost)]
    return checks


def _unmasked(dataset: DataSet) -> list[str]:
    """Fields that stand in the data although its purpose may not see them."""
    forms = {r.record: r.form for r in dataset.records}
    shown = {(r.form, key) for r in dataset.records for key in r.values}
    shown |= {(forms.get(e.record, ""), e.key) for e in dataset.evidence}
    hidden = sorted(f"{form}.{key}" for form, key in shown if not may_see(dataset.profile, form, key))
    if dataset.profile is Profile.STATISTICS:
        named = any(r.sealed_sha256 or r.book or r.approved_at for r in dataset.records)
        hidden += ["evidence"] * bool(dataset.evidence) + ["record"] * named
    return hidden


def _told(dataset: DataSet, kind: DataFormat, keys: Sequence[str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": kind.value,
        "profile": dataset.profile.value,
        "rule": dataset.profile.rule,
        "office": dataset.office,
        "created": moment(dataset.created),
        "keys": list(keys),
    }


def _row(record: DataRecord, profile: Profile, keys: Sequence[str]) -> Row:
    head = {name: getattr(record, name) for name in RECORD_COLUMNS[1:]}
    return {"profile": profile.value, **head, **{key: record.values.get(key, "") for key in keys}}


def _record(row: Row) -> DataRecord:
    head = {name: row[name] for name in RECORD_COLUMNS[1:]}
    values = {key: value for key, value in row.items() if key not in RECORD_COLUMNS and value}
    return DataRecord(**head, values=values)


def _metadata(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / METADATA_NAME).read_text("utf-8"))
    except FileNotFoundError as error:
        raise PackageError("METADATA_MISSING", f"{folder} holds no {METADATA_NAME}") from error
    except (OSError, ValueError) as error:
        raise PackageError("METADATA_UNREADABLE", str(error)) from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise PackageError("METADATA_UNREADABLE", "unknown format")
    return told


def _csv(columns: Sequence[str], rows: Sequence[Row], _: Mapping[str, Any]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    # the mark lets spreadsheet programs see that the letters are UTF-8
    return text.getvalue().encode("utf-8-sig")


def _parquet(columns: Sequence[str], rows: Sequence[Row], told: Mapping[str, Any]) -> bytes:
    schema = pa.schema([(name, _ARROW.get(name, pa.string())) for name in columns])
    described = {key: str(told[key]) for key in ("format", "profile", "rule", "office", "created")}
    table = pa.Table.from_pylist(list(rows), schema=schema).replace_schema_metadata(described)
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _json(columns: Sequence[str], rows: Sequence[Row], told: Mapping[str, Any]) -> bytes:
    described = {key: told[key] for key in ("format", "profile", "rule", "office", "created")}
    content = {**described, "columns": list(columns), "rows": list(rows)}
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


_WRITERS: Mapping[DataFormat, Callable[[Sequence[str], Sequence[Row], Mapping[str, Any]], bytes]] = {
    DataFormat.CSV: _csv,
    DataFormat.PARQUET: _parquet,
    DataFormat.JSON: _json,
}


def _table(path: Path, kind: DataFormat) -> list[Row]:
    try:
        if kind is DataFormat.CSV:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                rows = list(csv.DictReader(stream, strict=True))
            return [{k: _KINDS.get(k, str)(v) for k, v in row.items()} for row in rows]
        if kind is DataFormat.PARQUET:
            found: list[Row] = pq.read_table(path).to_pylist()
            return found
        return list(json.loads(path.read_text("utf-8"))["rows"])
    except FileNotFoundError as error:
        raise PackageError("FILE_MISSING", path.name) from error
    except (OSError, ValueError, KeyError, TypeError, csv.Error, pa.ArrowException) as error:
        raise PackageError("TABLE_UNREADABLE", f"{path.name}: {error}") from error
