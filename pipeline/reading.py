"""From a delivered file to checked records, without server or database.

This is where the three libraries meet: `ocr` gives words and fields as written, `validators` makes
them canonical and judges them. `sohoa read` prints what comes out; the stages of the pipeline store it.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from ocr.barcodes import read_barcodes
from ocr.elements import (
    Barcode,
    FieldReading,
    FieldStatus,
    Ink,
    PageReport,
    PageState,
    PageText,
    RecordReading,
)
from ocr.engine_cache import EngineCache
from ocr.engines import TesseractReader, default_tesseract
from ocr.engines.line_net import line_net, paddle_line
from ocr.errors import EngineError, ScanError
from ocr.extract import ReadRegion, RecordExtractor, in_page_order
from ocr.forms import FormLibrary, load_forms
from ocr.imaging import prepare_page
from ocr.scans import PageError, Scan, ScanLimits, open_scan
from ocr.separators import separator_among
from ocr.value_reader import ValueReader
from pipeline.calibration import Calibration, calibrated, load_calibration
from pipeline.configuration import Settings, load_settings
from pipeline.engine_answers import open_cache
from pipeline.knowledge import shipped_knowledge
from pipeline.place_evidence import with_places
from pipeline.places import office_gazetteer
from pipeline.policies import (
    EMPTY_FROM,
    LOSSY_SOURCES,
    READ_FROM,
    SURE_SOURCES,
    FieldPolicies,
    decided,
    double_keying_policies,
    field_policies,
)
from pipeline.reconcile import reconciled
from pipeline.register_evidence import with_register
from validators.blanks import is_blank, is_ditto
from validators.books import BookPlan, check_books
from validators.canonical import ValueContext, canonical
from validators.case import Case, Certainty, FieldValue
from validators.population import PopulationRegister, RegisterVerdict, check_population
from validators.repeats import check_repeats
from validators.rules import check_case
from validators.verdict import Finding, Outcome

_log = logging.getLogger(__name__)

_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")


@dataclass(frozen=True, slots=True)
class ScanReading:
    """Everything read from one delivered file.

    Attributes:
        name: as delivered.
        error: code and Vietnamese sentence where the file could not be opened; then all else is empty.
        texts: one per region, in page order.
        seconds: time spent per stage (``prepare``, ``read``, ``extract``).
    """

    name: str
    sha256: str
    media_type: str
    pages: tuple[PageReport, ...] = ()
    texts: tuple[PageText, ...] = ()
    codes: tuple[Barcode, ...] = ()
    records: tuple[RecordReading, ...] = ()
    error: tuple[str, str] | None = None
    signed: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageReading:
    """What one delivered page gave; `records` are those that ended on it."""

    report: PageReport
    texts: tuple[PageText, ...] = ()
    codes: tuple[Barcode, ...] = ()
    records: tuple[RecordReading, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordJudgement:
    """Findings and register verdicts of one record."""

    findings: tuple[Finding, ...] = ()
    population: Mapping[str, RegisterVerdict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """The tools that reading needs, built once per process."""

    engine: TesseractReader
    forms: FormLibrary
    values: ValueReader | None = None
    policies: FieldPolicies = field(default_factory=dict)


@lru_cache(maxsize=1)
def default_reader() -> Reader:
    """The reader of this process, by its settings; engines answer through the installation's cache.

    Raises:
        FormError: a form file of the office is not sound.
        ConfigurationError: a policy names a field or kind that no form has.
    """
    settings = load_settings()
    return open_reader(settings, open_cache(settings))


def open_reader(settings: Settings, cache: EngineCache | None) -> Reader:
    """Tesseract, the line recognisers, the forms that Sohoa ships and those of the office.

    Args:
        cache: none: every engine is asked every time, as figures of time demand.

    Raises:
        FormError: a form file of the office is not sound.
        ConfigurationError: a policy names a field or kind that no form has.
    """
    engine = default_tesseract(cache=cache)
    knowledge, addresses = shipped_knowledge()
    values = ValueReader(engine, line_net(cache), paddle_line(cache), knowledge, addresses)
    forms = load_forms(extra=settings.forms_dir)
    double_keying_policies(settings.double_keying, forms)
    return Reader(engine, forms, values, field_policies(settings.field_policies, forms))


class Stopwatch:
    """Adds up seconds per stage."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = clock

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of the block for `name`."""
        start = self._clock()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + self._clock() - start


def read_scan(
    source: Path | bytes, *, name: str, limits: ScanLimits | None = None, reader: Reader | None = None
) -> ScanReading:
    """Read one delivered file to its records, with canonical values.

    A file that cannot be opened, or a page that cannot be read, is told in the result and raises nothing.
    """
    reader = reader or default_reader()
    watch = Stopwatch()
    pages: list[PageReport] = []
    texts: list[PageText] = []
    codes: list[Barcode] = []
    records: list[RecordReading] = []
    extractor = RecordExtractor(reader.forms, reader=reader.values)
    try:
        with watch.stage("prepare"):
            scan = open_scan(source, limits)
        with scan:
            for number in range(1, scan.page_count + 1):
                try:
                    page = _read_page(scan, number, reader, extractor, watch)
                except Exception:  # whatever one page does to a decoder or the reader, the others are read
                    _log.exception("page %d of %s failed", number, name)
                    page = PageReading(PageReport(number, 0, 0, PageState.UNKNOWN, reasons=("PAGE_FAILED",)))
                pages.append(page.report)
                texts += page.texts
                codes += page.codes
                records += page.records
            try:
                with watch.stage("extract"):
                    records += extractor.finish()
            except Exception:  # the records of other pages are none the worse for it
                _log.exception("the last record of %s failed", name)
                pages[-1] = replace(
                    pages[-1], state=PageState.UNKNOWN, reasons=(*pages[-1].reasons, "PAGE_FAILED")
                )
            return ScanReading(
                name=name,
                sha256=scan.sha256,
                media_type=scan.media_type,
                pages=tuple(pages),
                texts=tuple(texts),
                codes=tuple(codes),
                records=canonical_records(in_page_order(records), reader.policies),
                signed=scan.signed,
                seconds=watch.seconds,
            )
    except ScanError as error:
        return ScanReading(
            name=name,
            sha256=_sha256(source),
            media_type="",
            error=(error.code, error.message),
            seconds=watch.seconds,
        )


def _sha256(source: Path | bytes) -> str:
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_page(
    scan: Scan, number: int, reader: Reader, extractor: RecordExtractor, watch: Stopwatch
) -> PageReading:
    """Prepare, read and extract one page; an engine that fails on it is told in the report."""
    with watch.stage("prepare"):
        page = scan.page(number)
        if isinstance(page, PageError):
            return PageReading(PageReport(number, 0, 0, PageState.UNREADABLE, reasons=(page.code,)))
        prepared = prepare_page(page, probe=reader.engine.letters_surely_read)
        codes = read_barcodes(page)
    report = prepared.report
    if separator_among(codes) is not None:
        with watch.stage("extract"):
            closed = extractor.close()
        sheet = replace(report, state=PageState.COVER, reasons=("SEPARATOR",))
        return PageReading(sheet, codes=codes, records=closed)
    if report.state in (PageState.BLANK, PageState.UNREADABLE):
        return PageReading(report, codes=codes)
    with watch.stage("read"):
        try:
            texts = tuple(page.text or reader.engine.read_page(region) for region in prepared.regions)
        except EngineError:
            reasons = (*report.reasons, "ENGINE_FAILED")
            return PageReading(replace(report, state=PageState.UNREADABLE, reasons=reasons), codes=codes)
    leaves = map(ReadRegion, prepared.regions, texts)
    with watch.stage("extract"):
        found = [extractor.feed(leaf, codes) for leaf in leaves]
    if found and all(f.cover for f in found):
        report = replace(report, state=PageState.COVER)
    elif found and all(f.unknown for f in found):
        report = replace(report, state=PageState.UNKNOWN, reasons=(*report.reasons, found[0].unknown))
    return PageReading(report, texts, codes, tuple(record for f in found for record in f.records))


def canonical_records(
    records: Sequence[RecordReading], policies: FieldPolicies | None = None
) -> tuple[RecordReading, ...]:
    """Give every field its canonical value, and say so where it does not fit its kind.

    A ditto mark takes the value of the same field in the record above it on the page.

    Args:
        records: of one file, in page order.
        policies: what the office asks for single fields or kinds.
    """
    known: list[RecordReading] = []
    calibration = load_calibration()
    for record in records:
        above = (
            known[-1] if known and known[-1].page == record.page and known[-1].form == record.form else None
        )
        context = ValueContext(record.form, record.era, _event_year(record))

        def valued(
            reading: FieldReading,
            context: ValueContext = context,
            above: RecordReading | None = above,
        ) -> FieldReading:
            return _canonical_field(reading, context, above)

        fields = reconciled({key: valued(f) for key, f in record.fields.items()}, valued)
        whole = replace(record, fields={key: _weighed(f, calibration) for key, f in fields.items()})
        known.append(decided(with_places(whole), calibration, policies))
    return tuple(known)


def _weighed(reading: FieldReading, calibration: Calibration | None) -> FieldReading:
    """The reading with a confidence that tells how often such readings are right."""
    read = reading.status in (FieldStatus.READ, FieldStatus.LOW_CONFIDENCE)
    if not read or reading.source in SURE_SOURCES | LOSSY_SOURCES:
        return reading
    told = {"claim": reading.confidence, **reading.signals}
    reading = replace(reading, signals={**told, "passed": float(reading.status is FieldStatus.READ)})
    if calibration is None:
        return reading
    confidence = calibrated(reading, calibration)
    doubtful = reading.status is FieldStatus.READ and confidence < READ_FROM
    return replace(
        reading, confidence=confidence, status=FieldStatus.LOW_CONFIDENCE if doubtful else reading.status
    )


def _event_year(record: RecordReading) -> int | None:
    """Year of registration as far as it can be read from the record itself; ages are counted from it."""
    for key in ("ngayDangKy", "quyenSo", "so", "ngayCap"):
        found = record.fields.get(key)
        if found and (years := _YEAR.findall(found.written)):
            return int(years[-1])
    return None


def _canonical_field(
    reading: FieldReading, context: ValueContext, above: RecordReading | None
) -> FieldReading:
    if reading.status in (FieldStatus.EMPTY, FieldStatus.UNREADABLE):
        return reading.with_value("")
    if above and is_ditto(reading.written) and (repeated := above.fields.get(reading.key)):
        return reading.with_value(repeated.value, FieldStatus.LOW_CONFIDENCE)
    got = canonical(reading.kind, reading.written, context)
    scrawl = reading.ink is Ink.HAND and any(c.isalnum() for c in reading.written)
    if got.outcome is Outcome.PASSED and (got.value or not scrawl):
        return reading.with_value(got.value, reading.status if got.value else FieldStatus.EMPTY)
    doubtful = FieldStatus.LOW_CONFIDENCE if reading.status is FieldStatus.READ else reading.status
    return reading.with_value(got.value, doubtful)


def as_case(record: RecordReading) -> Case:
    """What the validators see of a reading."""
    fields = {
        key: FieldValue(
            f.written, f.value, _certainty(f), f.confidence, tuple(a.value for a in f.alternatives)
        )
        for key, f in record.fields.items()
    }
    return Case(record.form, record.era, fields)


def _certainty(reading: FieldReading) -> Certainty:
    """How far rules may build on it; that nothing stands there has to be as sure as any other value."""
    keyed = reading.status in (FieldStatus.KEYED, FieldStatus.CONFIRMED)
    if reading.value:
        return Certainty.SURE if keyed or reading.status is FieldStatus.READ else Certainty.DOUBTFUL
    if keyed:
        return Certainty.EMPTY if is_blank(reading.written, reading.kind) else Certainty.SURE
    if reading.status is not FieldStatus.EMPTY:
        return Certainty.MISSING
    sure = reading.confidence >= EMPTY_FROM or reading.source in SURE_SOURCES
    return Certainty.EMPTY if sure else Certainty.DOUBTFUL


def judge(
    records: Mapping[str, RecordReading],
    *,
    register: PopulationRegister | None = None,
    plans: Sequence[BookPlan] = (),
) -> dict[str, RecordJudgement]:
    """Check a batch of records; rules over several of them (gaps, repeats) see all.

    Args:
        records: by any identifier that is unique in the batch, in reading order.
        register: where persons are looked up; without one no verdict is given.
        plans: what the books are expected to hold.
    """
    cases = {key: as_case(record) for key, record in records.items()}
    of_books, repeats, places = check_books(cases, plans), check_repeats(cases), office_gazetteer()
    return {
        key: RecordJudgement(
            (*check_case(case, places), *of_books.get(key, ()), *repeats.get(key, ())),
            check_population(case, register) if register is not None else {},
        )
        for key, case in cases.items()
    }


def confirmed_by_register(
    record: RecordReading, judgement: RecordJudgement, policies: FieldPolicies | None = None
) -> RecordReading:
    """The record with its fields decided again, now that the register has spoken."""
    told = with_register(record, judgement.population)
    return record if told == record else decided(told, load_calibration(), policies)
