"""Reads the form files of this package and checks them strictly."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from ocr.forms.schema import (
    KINDS,
    Block,
    Choice,
    Code,
    Column,
    Form,
    FormError,
    FormLibrary,
    Layout,
    Part,
    Pattern,
    PersonCode,
    Row,
    Signature,
    Slot,
    Table,
)

VOCABULARY = "vocabulary.toml"


def load_forms(folder: Traversable | None = None) -> FormLibrary:
    """Load every form file.

    Args:
        folder: where the files lie; the package's own folder if not given.

    Raises:
        FormError: a file has an unknown key, an unknown label name or kind, or a field twice.
    """
    folder = folder or resources.files("ocr.forms")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    words = next((f for f in files if f.name == VOCABULARY), None)
    if words is None:
        raise FormError(f"{VOCABULARY} is missing")
    vocabulary = _Table(words.name, _toml(words))
    labels = {name: _texts(variants, words.name) for name, variants in vocabulary.take("labels", {}).items()}
    splits = {
        name: tuple(re.compile(p) for p in _texts(patterns, words.name))
        for name, patterns in vocabulary.take("splits", {}).items()
    }
    places = {
        name: {group: (float(ends[0]), float(ends[1])) for group, ends in groups.items()}
        for name, groups in vocabulary.take("places", {}).items()
    }
    if not set(places) <= set(splits):
        raise FormError(f"{words.name}: places for unknown splits")
    covers = _texts(vocabulary.take("covers", []), words.name)
    furniture = _texts(vocabulary.take("furniture", []), words.name)
    vocabulary.close()
    forms = tuple(_FormFile(f.name, labels, splits).form(_toml(f)) for f in files if f.name != VOCABULARY)
    seen = [(form.form, form.era) for form in forms]
    if len(set(seen)) != len(seen):
        raise FormError("two files describe the same form and era")
    return FormLibrary(forms, splits, places, covers, furniture)


def _toml(file: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise FormError(f"{file.name}: {error}") from error


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise FormError(f"{where}: expected a list of texts, found {value!r}")
    return tuple(value)


class _Table:
    """A TOML table whose keys must all be asked for."""

    def __init__(self, where: str, data: Mapping[str, Any]) -> None:
        self.where = where
        self._left = dict(data)

    def take(self, key: str, default: Any = None) -> Any:
        return self._left.pop(key, default)

    def need(self, key: str) -> Any:
        if key not in self._left:
            raise FormError(f"{self.where}: key '{key}' is missing")
        return self._left.pop(key)

    def close(self) -> None:
        if self._left:
            raise FormError(f"{self.where}: unknown keys {sorted(self._left)}")


class _FormFile:
    """One form file under the shared vocabulary."""

    def __init__(self, name: str, labels: Mapping[str, Sequence[str]], splits: Iterable[str]) -> None:
        self._name = name
        self._labels = labels
        self._splits = frozenset(splits)

    def form(self, data: Mapping[str, Any]) -> Form:
        table = _Table(self._name, data)
        years = table.need("years")
        form = Form(
            form=table.need("form"),
            era=table.need("era"),
            years=(int(years[0]), int(years[1])),
            layout=Layout(table.need("layout")),
            titles=_texts(table.need("titles"), self._name),
            signs=_texts(table.take("signs", []), self._name),
            against=_texts(table.take("against", []), self._name),
            rows=tuple(self._row(r) for r in table.take("row", [])),
            table=self._table(table.take("table")),
            signatures=tuple(self._signature(s) for s in table.take("signature", [])),
            letterhead=self._block(table.take("letterhead")),
            margin=self._block(table.take("margin")),
            patterns=tuple(self._pattern(p) for p in table.take("pattern", [])),
            code=self._code(table.take("code")),
            person_code=self._person_code(table.take("person_code")),
        )
        table.close()
        keys = [part.key for row in form.rows for slot in (*row.slots, *row.cells) for part in slot.fields]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise FormError(f"{self._name}: fields given twice: {sorted(twice)}")
        return form

    def _label(self, value: Any) -> tuple[str, ...]:
        """A name from the vocabulary, or a list of wordings and names marked by ``@``."""
        if isinstance(value, str):
            if value not in self._labels:
                raise FormError(f"{self._name}: label '{value}' is not in the vocabulary")
            return tuple(self._labels[value])
        texts: list[str] = []
        for text in _texts(value, self._name):
            texts.extend(self._label(text[1:]) if text.startswith("@") else (text,))
        return tuple(texts)

    def _kind(self, kind: str) -> str:
        if kind not in KINDS:
            raise FormError(f"{self._name}: unknown kind '{kind}'")
        return kind

    def _part(self, data: Any) -> Part:
        if not isinstance(data, dict):
            raise FormError(f"{self._name}: expected {{ key, kind }}, found {data!r}")
        table = _Table(self._name, data)
        part = Part(table.need("key"), self._kind(table.need("kind")), bool(table.take("optional", False)))
        table.close()
        return part

    def _parts(self, data: Mapping[str, Any]) -> dict[str, Part]:
        return {group: self._part(part) for group, part in data.items()}

    def _split(self, name: str) -> str:
        if name and name not in self._splits:
            raise FormError(f"{self._name}: split '{name}' is not in the vocabulary")
        return name

    def _slot(self, data: Mapping[str, Any]) -> Slot:
        table = _Table(self._name, data)
        label_part = table.take("label_part")
        slot = Slot(
            label=self._label(table.take("label", [])),
            key=table.take("key", ""),
            kind=self._kind(table.take("kind", "text")),
            split=self._split(table.take("split", "")),
            parts=self._parts(table.take("parts", {})),
            label_part=self._part(label_part) if label_part else None,
            copy_to=table.take("copy_to", ""),
            copy_when=table.take("copy_when", ""),
            optional=bool(table.take("optional", False)),
        )
        table.close()
        return slot

    def _row(self, data: Mapping[str, Any]) -> Row:
        table = _Table(self._name, data)
        choice = table.take("choice")
        row = Row(
            face=table.take("face", "page"),
            slots=tuple(self._slot(s) for s in table.take("slots", [])),
            heading=self._label(table.take("heading", [])),
            choice=self._choice(choice) if choice else None,
            columns=tuple(self._label(c) for c in table.take("columns", [])),
            cells=tuple(self._slot(s) for s in table.take("cells", [])),
            lines=int(table.take("lines", 1)),
            optional=bool(table.take("optional", False)),
        )
        table.close()
        return row

    def _choice(self, data: Mapping[str, Any]) -> Choice:
        table = _Table(self._name, data)
        options = tuple(self._label(o) for o in table.need("options"))
        choice = Choice(table.need("key"), self._kind(table.need("kind")), options)
        table.close()
        return choice

    def _table(self, data: Mapping[str, Any] | None) -> Table | None:
        if data is None:
            return None
        table = _Table(self._name, data)
        per_row = table.need("per_row")
        if per_row not in {"record", "parcel"}:
            raise FormError(f"{self._name}: per_row must be record or parcel")
        columns = tuple(self._column(c) for c in table.need("column"))
        result = Table(columns, per_row, table.take("face", "page"))
        table.close()
        return result

    def _column(self, data: Mapping[str, Any]) -> Column:
        table = _Table(self._name, data)
        column = Column(
            label=self._label(table.need("label")),
            key=table.take("key", ""),
            kind=self._kind(table.take("kind", "text")),
            split=self._split(table.take("split", "")),
            parts=self._parts(table.take("parts", {})),
            many=bool(table.take("many", False)),
        )
        table.close()
        return column

    def _signature(self, data: Mapping[str, Any]) -> Signature:
        table = _Table(self._name, data)
        title = table.take("title")
        side = table.need("side")
        if side not in {"left", "right"}:
            raise FormError(f"{self._name}: side must be left or right")
        signature = Signature(
            key=table.need("key"),
            kind=self._kind(table.take("kind", "name")),
            under=self._label(table.need("under")),
            side=side,
            face=table.take("face", "page"),
            title=self._part(title) if title else None,
            titles=self._label(table.take("titles", [])),
        )
        table.close()
        return signature

    def _block(self, data: Mapping[str, Any] | None) -> Block | None:
        if data is None:
            return None
        table = _Table(self._name, data)
        block = Block(
            key=table.need("key"),
            kind=self._kind(table.need("kind")),
            face=table.take("face", "page"),
            label=self._label(table.take("label", [])),
        )
        table.close()
        return block

    def _pattern(self, data: Mapping[str, Any]) -> Pattern:
        table = _Table(self._name, data)
        area = tuple(float(v) for v in table.take("area", [0, 0, 1, 1]))
        regex = re.compile(table.need("regex"))
        fields = self._parts(table.need("fields"))
        if set(fields) != set(regex.groupindex):
            raise FormError(f"{self._name}: groups of {regex.pattern!r} and its fields differ")
        if len(area) != 4:
            raise FormError(f"{self._name}: area needs four numbers")
        pattern = Pattern(
            regex=regex,
            fields=fields,
            scope=table.take("scope", "line"),
            face=table.take("face", "page"),
            area=(area[0], area[1], area[2], area[3]),
            last=bool(table.take("last", False)),
        )
        table.close()
        return pattern

    def _code(self, data: Mapping[str, Any] | None) -> Code | None:
        if data is None:
            return None
        table = _Table(self._name, data)
        code = Code(
            table.need("key"),
            self._kind(table.take("kind", "barcode")),
            _texts(table.need("formats"), self._name),
        )
        table.close()
        return code

    def _person_code(self, data: Mapping[str, Any] | None) -> PersonCode | None:
        if data is None:
            return None
        table = _Table(self._name, data)
        code = PersonCode(
            formats=_texts(table.need("formats"), self._name),
            regex=re.compile(table.need("regex")),
            fields=self._parts(table.need("fields")),
            name=table.take("name", "name"),
        )
        table.close()
        if not set(code.fields) <= set(code.regex.groupindex) or code.name not in code.fields:
            raise FormError(f"{self._name}: groups of {code.regex.pattern!r} and its fields differ")
        return code
