"""Proofs of sealed copies by readers that had no part in making them."""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pdfplumber
import pikepdf
import pypdfium2

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from storage.checks import Outcome  # noqa: E402
from storage.seal_manifest import MANIFEST_NAME, RECORD_NAME  # noqa: E402
from storage.verapdf import VeraPdf, available  # noqa: E402
from storage.verify import load_trust, pdfa_check, signature_checks  # noqa: E402
from storage.verify_content import content_checks  # noqa: E402

Characters = Counter[str]


def main() -> int:
    """Process unless the data folder holds copies already, then prove each copy."""
    asked = argparse.ArgumentParser()
    asked.add_argument("corpus", nargs="?", type=Path, default=ROOT / "samples")
    asked.add_argument("--data", type=Path, help="data folder to keep; one with copies is proved as it is")
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data = options.data or Path(scratch) / "data"
        if not (data / "store").exists():
            _process(options.corpus.resolve(), data)
        result = _proved(data)
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        for name, value in result.items():
            print(f"{name:>28}  {json.dumps(value, ensure_ascii=False)}")
    return int(bool(result["failures"]) or not result["copies"])


def _process(corpus: Path, data: Path) -> None:
    items = corpus / "items" if (corpus / "items").is_dir() else corpus
    command = ["sohoa", "process", str(items), "--approve-all"]
    for option, name in (("--register", "register.csv"), ("--books", "books.json")):
        if (corpus / name).is_file():
            command += [option, str(corpus / name)]
    environment = os.environ | {"SOHOA_DATA_DIR": str(data)}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def _proved(data: Path) -> dict[str, Any]:
    missing = available()
    proved: Counter[str] = Counter()
    failures: list[dict[str, str]] = []
    spent: Counter[str] = Counter()
    copies = pages = size = characters = 0
    with tempfile.TemporaryDirectory() as folder, VeraPdf() as validator:
        for key, pdf, trust in _copies(data):
            path = Path(folder) / "copy.pdf"
            path.write_bytes(pdf)
            copy = _Copy(pdf, path)
            copies, pages = copies + 1, pages + copy.pages
            size, characters = size + len(pdf), characters + copy.characters
            proofs: dict[str, Callable[[], bool]] = {
                "verapdf": lambda pdf=pdf: pdfa_check(pdf, validator).outcome is Outcome.PASSED,
                "pyhanko": lambda pdf=pdf, t=trust: all(
                    c.outcome is Outcome.PASSED for c in signature_checks(pdf, t)
                ),
                "content": lambda pdf=pdf: all(c.outcome is Outcome.PASSED for c in content_checks(pdf)),
                "pdfsig": copy.pdfsig_agrees,
                "pdftotext": copy.pdftotext_equals,
                "pdftotext_fields": copy.fields_are_found,
                "pdfplumber": copy.pdfplumber_equals,
                "pdfium": copy.pdfium_equals,
            }
            for name, proof in proofs.items():
                start = time.perf_counter()
                if proof():
                    proved[name] += 1
                else:
                    failures.append({"copy": key, "proof": name})
                spent[name] += time.perf_counter() - start
    return {
        "copies": copies,
        "pages": pages,
        "characters": characters,
        "bytes_per_page": round(size / pages) if pages else 0,
        "verapdf_runs": missing is None,
        "proved": dict(proved),
        "milliseconds_each": {k: round(1000 * v / copies, 1) for k, v in spent.items()},
        "failures": failures,
    }


def _copies(data: Path) -> Iterator[tuple[str, bytes, Any]]:
    os.environ["SOHOA_DATA_DIR"] = str(data)
    from pipeline.cli.status import set_up_django
    from pipeline.configuration import load_settings
    from pipeline.embedded import connected

    settings = load_settings()
    with connected(settings, ("store", "postgres")) as endpoints:
        set_up_django()
        from pipeline.equipment import build
        from pipeline.models import SealedCopy

        store = build(settings, endpoints).vault.store
        trust = load_trust(endpoints.trust_roots or data / "authority" / "trust.pem")
        for copy in SealedCopy.objects.exclude(signature_level="AS_DELIVERED").order_by("key"):
            yield copy.key, store.get(copy.bucket, copy.key, copy.version_id), trust


class _Copy:
    """One copy and what it says about its own text."""

    def __init__(self, pdf: bytes, path: Path) -> None:
        self._path = path
        with pikepdf.open(io.BytesIO(pdf)) as document:
            self._manifest = json.loads(document.attachments[MANIFEST_NAME].get_file().read_bytes())
            self._record = json.loads(document.attachments[RECORD_NAME].get_file().read_bytes())
        self.pages = len(self._manifest["pages"])
        self.characters = sum(p["characters"] for p in self._manifest["pages"])

    def pdfsig_agrees(self) -> bool:
        """Poppler finds the officer's signature valid; archive timestamps it does not judge."""
        told = subprocess.run(
            ["pdfsig", "-nocert", str(self._path)], capture_output=True, text=True, check=False
        )
        said = [line.partition("Signature Validation: ")[2] for line in told.stdout.splitlines()]
        signature, *stamps = [verdict for verdict in said if verdict]
        return signature == "Signature is Valid." and set(stamps) <= {"Signature has not yet been verified."}

    def pdftotext_equals(self) -> bool:
        return self._equals(self._poppler())

    def pdfplumber_equals(self) -> bool:
        with pdfplumber.open(self._path) as document:
            return self._equals([page.extract_text() for page in document.pages])

    def pdfium_equals(self) -> bool:
        with pypdfium2.PdfDocument(self._path) as document:
            return self._equals([page.get_textpage().get_text_range() for page in document])

    def fields_are_found(self) -> bool:
        """Every field that stands on a page of the copy is found by its words, in their order."""
        text = " ".join(" ".join(self._poppler()).split())
        written = [
            " ".join(f["written"].split())
            for f in self._record["fields"].values()
            if f["box"] and f["page"] in self._record["pages"]
        ]
        return all(w in text for w in written)

    def _poppler(self) -> list[str]:
        command = ["pdftotext", "-raw", "-enc", "UTF-8", str(self._path), "-"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return told.split("\f")[: self.pages]

    def _equals(self, texts: list[str]) -> bool:
        """NFC text with the very characters that were laid under the page, and the visible mark."""
        from storage.seal_manifest import text_fingerprint

        for index, (text, expected) in enumerate(zip(texts, self._manifest["pages"], strict=True)):
            if not unicodedata.is_normalized("NFC", text):
                return False
            mark: Characters = Counter("".join(self._manifest["block"]) if index == 0 else "")
            found = Counter(text)
            if mark - found and any(not c.isspace() for c in mark - found):
                return False
            rest = "".join((found - mark).elements())
            if text_fingerprint([rest]) != (expected["characters"], expected["text_sha256"]):
                return False
        return True


if __name__ == "__main__":
    sys.exit(main())
