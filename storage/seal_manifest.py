"""``seal.json``: what a sealed copy says about its own parts, so that it can be proved alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from storage.errors import SealError

MANIFEST_NAME = "seal.json"
RECORD_NAME = "record.json"
SCHEMA_NAME = "record.schema.json"
FORMAT = "sohoa-seal/1"


@dataclass(frozen=True, slots=True)
class PageManifest:
    """One page.

    Attributes:
        delivered_sha256: of the encoded page image as it was delivered.
        stream_sha256: of the image stream in the PDF; equal to the former where `untouched`.
        changes: what had to be changed in the pixels, see ``storage.page_image``.
        characters: characters other than blanks in the text layer.
        text_sha256: fingerprint of those characters, see `text_fingerprint`.
    """

    delivered_sha256: str
    stream_sha256: str
    untouched: bool
    changes: tuple[str, ...]
    characters: int
    text_sha256: str


@dataclass(frozen=True, slots=True)
class SealManifest:
    """All of a copy.

    Attributes:
        record_sha256: of the embedded ``record.json``.
        block: lines of the visible block, or empty.
        archive: further archive metadata by official element name.
        schema_sha256: of the embedded ``record.schema.json``, or empty.
    """

    identifier: str
    record_sha256: str
    pages: tuple[PageManifest, ...]
    block: tuple[str, ...] = ()
    archive: Mapping[str, str] = field(default_factory=dict)
    schema_sha256: str = ""

    def to_json(self) -> bytes:
        """Stable UTF-8 JSON."""
        content = {"format": FORMAT, **asdict(self), "archive": dict(self.archive)}
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()


def read_manifest(data: bytes) -> SealManifest:
    """Parse ``seal.json``.

    Raises:
        SealError: ``MANIFEST_UNREADABLE``.
    """
    try:
        content = json.loads(data)
        if content.pop("format") != FORMAT:
            raise ValueError("unknown format")
        pages = tuple(PageManifest(**{**p, "changes": tuple(p["changes"])}) for p in content.pop("pages"))
        return SealManifest(pages=pages, **{**content, "block": tuple(content["block"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SealError("MANIFEST_UNREADABLE", f"{MANIFEST_NAME} cannot be read: {error}") from error


def text_fingerprint(texts: Iterable[str]) -> tuple[int, str]:
    """Count and SHA-256 of all characters but blanks, in code point order.

    Readers disagree about blanks and, on forms, about the order of words, but not about letters.
    """
    characters = sorted(c for text in texts for c in text if not c.isspace())
    return len(characters), sha256("".join(characters).encode())


def sha256(data: bytes) -> str:
    """Lower-case hexadecimal digest."""
    return hashlib.sha256(data).hexdigest()
