"""Reads form files and checks them strictly; what is wrong is told to administrators, in Vietnamese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
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
from ocr.forms.strict_toml import StrictTable, read_toml, texts, unheard

VOCABULARY = "vocabulary.toml"


def load_forms(folder: Traversable | None = None, *, extra: Path | None = None) -> FormLibrary:
    """Load every form file.

    Args:
        folder: where the files lie; the package's own folder if not given.
        extra: a folder with an office's own form files, besides those. A form of the same code and era
            as a shipped one takes its place. Its ``vocabulary.toml``, if any, adds labels and wordings.

    Raises:
        FormError: a file has an unknown key, an unknown label name or kind, or a field twice.
    """
    library = _library(folder or resources.files("ocr.forms"), None)
    if extra is None:
        return library
    if not extra.is_dir():
        raise FormError(f"Không có thư mục biểu mẫu {extra}. Hãy tạo thư mục này hoặc sửa forms_dir.")
    return _library(extra, library)


def with_form_file(path: Path, library: FormLibrary) -> tuple[Form, FormLibrary]:
    """One form file laid over a library, with the ``vocabulary.toml`` beside it if there is one.

    Raises:
        FormError: the file is not sound; the text tells what to change.
    """
    words = path.parent / VOCABULARY
    base = _with_vocabulary(words, library) if words.is_file() else library
    form = _FormFile(path.name, base.labels, base.splits).form(read_toml(path))
    return form, _with_forms(base, [form])


def _library(folder: Traversable, base: FormLibrary | None) -> FormLibrary:
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    words = next((f for f in files if f.name == VOCABULARY), None)
    if words is not None:
        base = _with_vocabulary(words, base)
    if base is None:
        raise FormError(f"Thiếu tệp {VOCABULARY} trong thư mục biểu mẫu.")
    forms = [
        _FormFile(f.name, base.labels, base.splits).form(read_toml(f)) for f in files if f.name != VOCABULARY
    ]
    seen = [(form.form, form.era) for form in forms]
    twice = {name for name in seen if seen.count(name) > 1}
    if twice:
        named = ", ".join(f"{form} {era}" for form, era in sorted(twice))
        raise FormError(f"Hai tệp cùng mô tả một biểu mẫu ({named}). Hãy đổi 'era' hoặc bỏ một tệp.")
    return _with_forms(base, forms)


def _with_forms(base: FormLibrary, forms: Sequence[Form]) -> FormLibrary:
    """The library with forms added; those of the same code and era are replaced."""
    fresh = {(form.form, form.era) for form in forms}
    kept = [form for form in base.forms if (form.form, form.era) not in fresh]
    return replace(base, forms=(*kept, *forms))


def _with_vocabulary(words: Traversable, base: FormLibrary | None) -> FormLibrary:
    """A vocabulary, laid over another: its wordings are added to those of the same label."""
    vocabulary = StrictTable(words.name, read_toml(words))
    labels = dict(base.labels) if base else {}
    for name, variants in vocabulary.take("labels", {}).items():
        fresh = texts(variants, f"{words.name}, nhãn {name}")
        labels[name] = tuple(dict.fromkeys((*labels.get(name, ()), *fresh)))
    splits = dict(base.splits) if base else {}
    splits |= {
        name: tuple(re.compile(p) for p in texts(patterns, words.name))
        for name, patterns in vocabulary.take("splits", {}).items()
    }
    places = dict(base.places) if base else {}
    places |= {
        name: {group: (float(ends[0]), float(ends[1])) for group, ends in groups.items()}
        for name, groups in vocabulary.take("places", {}).items()
    }
    if not set(places) <= set(splits):
        raise FormError(f"{words.name}: mục [places] nêu cách tách chưa có trong [splits].")
    covers = (*(base.covers if base else ()), *texts(vocabulary.take("covers", []), words.name))
    furniture = (*(base.furniture if base else ()), *texts(vocabulary.take("furniture", []), words.name))
    vocabulary.close()
    return FormLibrary(base.forms if base else (), splits, places, covers, furniture, labels)


class _FormFile:
    """One form file under the shared vocabulary."""

    def __init__(self, name: str, labels: Mapping[str, Sequence[str]], splits: Iterable[str]) -> None:
        self._name = name
        self._labels = labels
        self._splits = frozenset(splits)

    def form(self, data: Mapping[str, Any]) -> Form:
        table = StrictTable(self._name, data)
        years = table.need("years")
        if not isinstance(years, list) or len(years) != 2 or not all(isinstance(y, int) for y in years):
            raise FormError(f"{self._name}: years cần năm đầu và năm cuối, ví dụ years = [2006, 2015].")
        form = Form(
            form=table.need("form"),
            era=table.need("era"),
            years=(int(years[0]), int(years[1])),
            layout=self._layout(table.need("layout")),
            titles=texts(table.need("titles"), self._name),
            signs=texts(table.take("signs", []), self._name),
            against=texts(table.take("against", []), self._name),
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
            raise FormError(
                f"{self._name}: trường {', '.join(sorted(twice))} bị nêu hai lần; hãy bỏ một chỗ."
            )
        return form

    def _label(self, value: Any) -> tuple[str, ...]:
        """A name from the vocabulary, or a list of wordings and names marked by ``@``."""
        if isinstance(value, str):
            if value not in self._labels:
                raise FormError(
                    f"{self._name}: {unheard('nhãn', value, self._labels)} Hoặc viết thẳng chữ in trên mẫu: "
                    'label = ["Chữ in trên mẫu"].'
                )
            return tuple(self._labels[value])
        wordings: list[str] = []
        for text in texts(value, self._name):
            wordings.extend(self._label(text[1:]) if text.startswith("@") else (text,))
        return tuple(wordings)

    def _layout(self, layout: object) -> Layout:
        if layout not in set(Layout):
            raise FormError(f"{self._name}: {unheard('bố cục (layout)', str(layout), set(Layout))}")
        return Layout(str(layout))

    def _regex(self, pattern: str) -> re.Pattern[str]:
        try:
            return re.compile(pattern)
        except re.error as error:
            raise FormError(f"{self._name}: biểu thức {pattern!r} sai ({error}).") from error

    def _kind(self, kind: str) -> str:
        if kind not in KINDS:
            raise FormError(f"{self._name}: {unheard('loại dữ liệu (kind)', str(kind), KINDS)}")
        return kind

    def _part(self, data: Any) -> Part:
        if not isinstance(data, dict):
            raise FormError(f"{self._name}: cần {{ key = …, kind = … }}, nhưng lại là {data!r}.")
        table = StrictTable(self._name, data)
        part = Part(table.need("key"), self._kind(table.need("kind")), bool(table.take("optional", False)))
        table.close()
        return part

    def _parts(self, data: Mapping[str, Any]) -> dict[str, Part]:
        return {group: self._part(part) for group, part in data.items()}

    def _split(self, name: str) -> str:
        if name and name not in self._splits:
            raise FormError(f"{self._name}: {unheard('cách tách (split)', name, self._splits)}")
        return name

    def _slot(self, data: Mapping[str, Any]) -> Slot:
        table = StrictTable(self._name, data)
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
        table = StrictTable(self._name, data)
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
        table = StrictTable(self._name, data)
        options = tuple(self._label(o) for o in table.need("options"))
        choice = Choice(table.need("key"), self._kind(table.need("kind")), options)
        table.close()
        return choice

    def _table(self, data: Mapping[str, Any] | None) -> Table | None:
        if data is None:
            return None
        table = StrictTable(self._name, data)
        per_row = table.need("per_row")
        if per_row not in {"record", "parcel"}:
            raise FormError(f"{self._name}: {unheard('per_row', str(per_row), ('record', 'parcel'))}")
        columns = tuple(self._column(c) for c in table.need("column"))
        result = Table(columns, per_row, table.take("face", "page"))
        table.close()
        return result

    def _column(self, data: Mapping[str, Any]) -> Column:
        table = StrictTable(self._name, data)
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
        table = StrictTable(self._name, data)
        title = table.take("title")
        side = table.need("side")
        if side not in {"left", "right"}:
            raise FormError(f"{self._name}: {unheard('bên (side)', str(side), ('left', 'right'))}")
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
        table = StrictTable(self._name, data)
        block = Block(
            key=table.need("key"),
            kind=self._kind(table.need("kind")),
            face=table.take("face", "page"),
            label=self._label(table.take("label", [])),
        )
        table.close()
        return block

    def _pattern(self, data: Mapping[str, Any]) -> Pattern:
        table = StrictTable(self._name, data)
        area = tuple(float(v) for v in table.take("area", [0, 0, 1, 1]))
        regex = self._regex(table.need("regex"))
        fields = self._parts(table.need("fields"))
        blurred = table.take("blurred")
        blurred = self._regex(blurred) if blurred else None
        for each in (regex, blurred or regex):
            if set(fields) != set(each.groupindex):
                raise FormError(
                    f"{self._name}: các nhóm (?P<…>) trong {each.pattern!r} phải trùng với các mục "
                    "của fields."
                )
        if len(area) != 4:
            raise FormError(f"{self._name}: area cần bốn số từ 0 đến 1: trái, trên, phải, dưới.")
        pattern = Pattern(
            regex=regex,
            fields=fields,
            scope=table.take("scope", "line"),
            face=table.take("face", "page"),
            area=(area[0], area[1], area[2], area[3]),
            last=bool(table.take("last", False)),
            blurred=blurred,
        )
        table.close()
        return pattern

    def _code(self, data: Mapping[str, Any] | None) -> Code | None:
        if data is None:
            return None
        table = StrictTable(self._name, data)
        code = Code(
            table.need("key"),
            self._kind(table.take("kind", "barcode")),
            texts(table.need("formats"), self._name),
        )
        table.close()
        return code

    def _person_code(self, data: Mapping[str, Any] | None) -> PersonCode | None:
        if data is None:
            return None
        table = StrictTable(self._name, data)
        code = PersonCode(
            formats=texts(table.need("formats"), self._name),
            regex=self._regex(table.need("regex")),
            fields=self._parts(table.need("fields")),
            name=table.take("name", "name"),
        )
        table.close()
        if not set(code.fields) <= set(code.regex.groupindex) or code.name not in code.fields:
            raise FormError(
                f"{self._name}: fields phải trùng với các nhóm (?P<…>) trong {code.regex.pattern!r}."
            )
        return code
