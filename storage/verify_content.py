"""Proof that a sealed copy still holds its images, its text and its record."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterator

import pikepdf
from pikepdf import Name, Page, Pdf

from storage.checks import Check, failed, passed, undecided
from storage.errors import SealError
from storage.seal_manifest import (
    MANIFEST_NAME,
    RECORD_NAME,
    SCHEMA_NAME,
    PageManifest,
    SealManifest,
    read_manifest,
    sha256,
    text_fingerprint,
)

_BFCHAR = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<((?:[0-9A-Fa-f]{4})+)>")


def content_checks(pdf: bytes) -> Iterator[Check]:
    """Checks ``record``, ``images`` and ``text-layer``, from nothing but the file."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            yield from _checks(document)
    except (pikepdf.PdfError, SealError, ValueError, KeyError, TypeError, AttributeError) as error:
        yield failed("record", "CONTENT_UNREADABLE", error=f"{type(error).__name__}: {error}")


def _checks(document: Pdf) -> Iterator[Check]:
    for name in (RECORD_NAME, MANIFEST_NAME):
        if name not in document.attachments:
            yield undecided("record", "NO_SEAL_PARTS", missing=name)
            return
    record = document.attachments[RECORD_NAME].get_file().read_bytes()
    manifest = read_manifest(document.attachments[MANIFEST_NAME].get_file().read_bytes())
    schema = document.attachments.get(SCHEMA_NAME)
    yield _record_check(record, schema.get_file().read_bytes() if schema else b"", manifest)
    if len(document.pages) != len(manifest.pages):
        yield failed(
            "images", "PAGE_COUNT", expected=str(len(manifest.pages)), found=str(len(document.pages))
        )
        return
    yield _images_check(document, manifest)
    yield _text_check(document, manifest)


def _record_check(record: bytes, schema: bytes, manifest: SealManifest) -> Check:
    digest = sha256(record)
    if digest != manifest.record_sha256:
        return failed("record", "RECORD_CHANGED", expected=manifest.record_sha256, found=digest)
    found = sha256(schema) if schema else ""
    if found != manifest.schema_sha256:
        return failed("record", "SCHEMA_CHANGED", expected=manifest.schema_sha256, found=found)
    try:
        json.loads(record)
    except ValueError as error:
        return failed("record", "RECORD_NOT_JSON", error=str(error))
    return passed("record", sha256=digest, identifier=manifest.identifier)


def _images_check(document: Pdf, manifest: SealManifest) -> Check:
    for number, (page, expected) in enumerate(zip(document.pages, manifest.pages, strict=True), start=1):
        digest = sha256(page.obj.Resources.XObject[Name.Scan].read_raw_bytes())
        if digest != expected.stream_sha256:
            return failed(
                "images", "IMAGE_CHANGED", page=str(number), expected=expected.stream_sha256, found=digest
            )
        if expected.untouched and expected.stream_sha256 != expected.delivered_sha256:
            return failed("images", "MANIFEST_CONTRADICTS_ITSELF", page=str(number))
    untouched = sum(page.untouched for page in manifest.pages)
    return passed("images", pages=str(len(manifest.pages)), untouched=str(untouched))


def _text_check(document: Pdf, manifest: SealManifest) -> Check:
    characters = 0
    for number, (page, expected) in enumerate(zip(document.pages, manifest.pages, strict=True), start=1):
        check = _page_text_check(page_text(page), expected, number)
        if check is not None:
            return check
        characters += expected.characters
    return passed("text-layer", "OK" if characters else "NO_TEXT", characters=str(characters))


def _page_text_check(text: str, expected: PageManifest, number: int) -> Check | None:
    if not unicodedata.is_normalized("NFC", text):
        return failed("text-layer", "TEXT_NOT_NFC", page=str(number))
    count, fingerprint = text_fingerprint([text])
    if (count, fingerprint) != (expected.characters, expected.text_sha256):
        return failed(
            "text-layer",
            "TEXT_CHANGED",
            page=str(number),
            expected=str(expected.characters),
            found=str(count),
        )
    return None


def page_text(page: Page) -> str:
    """Characters of the invisible text layer in content order, through its own ToUnicode map."""
    fonts = page.obj.Resources.get("/Font")
    if fonts is None or "/Text" not in fonts:
        return ""
    table = {
        bytes.fromhex(code.decode()): bytes.fromhex(value.decode()).decode("utf-16-be")
        for code, value in _BFCHAR.findall(fonts["/Text"].ToUnicode.read_bytes())
    }
    text: list[str] = []
    current = ""
    for instruction in pikepdf.parse_content_stream(page, "Tf TJ"):
        operands = instruction.operands
        if str(instruction.operator) == "Tf":
            current = str(operands[0])
        elif current == "/Text":
            for shown in operands[0].as_list():
                codes = bytes(shown) if isinstance(shown, pikepdf.String) else b""
                text += [table[codes[i : i + 2]] for i in range(0, len(codes), 2)]
    return "".join(text)
