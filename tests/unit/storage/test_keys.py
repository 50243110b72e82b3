"""Names of stored objects."""

from __future__ import annotations

import hashlib

import pytest

from storage.errors import StoreRefused
from storage.keys import original_key, original_sha256, sealed_key

DIGEST = hashlib.sha256(b"scan").hexdigest()


def test_an_original_is_named_by_its_content_and_the_name_can_be_read_back() -> None:
    key = original_key(DIGEST)
    assert key == f"originals/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"
    assert original_sha256(key) == DIGEST


@pytest.mark.parametrize("key", ["originals/aa/bb/" + DIGEST, "sealed/x.pdf", f"originals/{DIGEST}", ""])
def test_other_names_promise_no_content(key: str) -> None:
    assert original_sha256(key) is None


def test_a_sealed_copy_lies_under_office_book_and_year() -> None:
    key = sealed_key("H20.17", "KS-01-2008", 2008, DIGEST)
    assert key == f"sealed/H20.17/KS-01-2008/2008/{DIGEST[:2]}/{DIGEST}.pdf"


@pytest.mark.parametrize(
    ("office", "book", "year", "digest"),
    [
        ("UBND xã", "KS", 2008, DIGEST),
        ("H20", "../KS", 2008, DIGEST),
        ("H20", "01/2008", 2008, DIGEST),
        ("", "KS", 2008, DIGEST),
        ("H20", "KS", 8, DIGEST),
        ("H20", "KS", 2008, "abc"),
    ],
)
def test_names_that_would_leave_their_folder_or_tell_something_are_refused(
    office: str, book: str, year: int, digest: str
) -> None:
    with pytest.raises(StoreRefused):
        sealed_key(office, book, year, digest)
