"""Who only searches sees of an approved record no more than the search shows, in the record's own office."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from pipeline.models import FieldValue, Finding, Record, Replacement, SealedCopy
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.sensitive import MASK
from storage.errors import StorageError
from storage.protected import WHOLE_FORMS
from tests.stages.holdings import make_office, make_record, make_scan

pytestmark = pytest.mark.django_db


class Silent:
    """A vault whose store does not answer."""

    store = vault = property(lambda self: self)

    def __getattr__(self, name):
        def fail(*_, **__):
            raise StorageError("STORE_DOWN", "no answer")

        return fail


@pytest.fixture(autouse=True)
def _desk(settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["testserver"]
    monkeypatch.setattr("web.sealed.equipment", Silent)
    monkeypatch.setattr("web.copy_links.equipment", Silent)


def desk(*roles: tuple[Role, str]) -> Client:
    given = [(role, make_office(code)) for role, code in roles]
    client = Client()
    client.force_login(make_account("minh", full_name="", roles=given, by="sohoa")[0])
    return client


def elsewhere() -> Client:
    """Searches here; sees protected things in another office only."""
    return desk((Role.SUPERVISOR, "23942"), (Role.REGISTRAR, "9"))


def write(record: Record, key: str, written: str, **values) -> FieldValue:
    return FieldValue.objects.create(
        record=record, key=key, kind="text", written=written, value=written, confidence=1, status="KEYED",
        page=1, box=[1, 2, 30, 12], said_by=values.pop("said_by", "keyer"), accepted=True, **values,
    )  # fmt: skip


def stored(**values) -> Record:
    given = {"state": "STORED", "approved_by": "lan", "approved_at": timezone.now()} | values
    return make_record(make_scan(state="READ"), **given)


def copy_of(record: Record) -> SealedCopy:
    return SealedCopy.objects.create(
        record=record, version=1, bucket="b", key=str(record.pk), version_id="v", sha256="a" * 64, size=8,
        signature_level="B-B", signed_at=timezone.now(), locked_until=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("form", sorted(WHOLE_FORMS))
def test_a_protected_record_shows_neither_its_person_nor_its_findings(form):
    record = stored(form=form, person="LÊ BÌNH")
    Finding.objects.create(record=record, stage="books", code="X", severity="warns", message="LÊ BÌNH lặp")
    url = f"/phe-duyet/{record.pk}/"
    page = elsewhere().get(url).content.decode()
    assert MASK in page
    assert "LÊ BÌNH" not in page
    client = Client()
    client.force_login(
        make_account("lan", full_name="", roles=[(Role.REGISTRAR, make_office())], by="sohoa")[0]
    )
    assert client.get(url).content.decode().count("LÊ BÌNH") >= 2


def test_findings_about_masked_fields_alone_are_hidden():
    record = stored(person="NGUYỄN VY")
    write(record, "ghiChu", "con nuôi")
    for fields, message in ((["ghiChu"], "Con nuôi?"), (["so"], "Trùng số.")):
        Finding.objects.create(
            record=record,
            stage="check",
            code=f"X-{fields[0]}",
            severity="warns",
            fields=fields,
            message=message,
        )
    page = elsewhere().get(f"/phe-duyet/{record.pk}/").content.decode()
    assert "NGUYỄN VY" in page
    assert "Trùng số." in page
    assert "Con nuôi?" not in page


@pytest.mark.parametrize(("key", "shown"), [("nksHoTen", True), ("ghiChu", False)])
def test_a_decision_is_told_without_the_masked_words_that_it_changed(key, shown):
    record = stored(version=2)
    old = write(record, key, "chữ cũ")
    write(record, key, "chữ mới", supersedes=old, version=2, said_by="decision")
    Replacement.objects.create(
        record=record, previous=copy_of(record), previous_copy={}, version=2, number="7/QĐ",
        decided=date(2026, 1, 5), authority="UBND xã", reason="vì chữ mới", actor="lan", at=timezone.now(),
    )  # fmt: skip
    page = elsewhere().get(f"/phe-duyet/{record.pk}/").content.decode()
    assert "7/QĐ" in page
    assert ("“chữ cũ” → “chữ mới”" in page) is shown
    assert ("vì chữ mới" in page) is shown
    assert (MASK in page) is not shown


@pytest.mark.parametrize("beside", [False, True])
def test_a_copy_with_something_masked_wants_the_right_in_the_records_own_office(beside):
    record, plain = stored(), stored()
    for made, key in ((record, "ghiChu"), (plain, "noiDangKy")):
        write(make_record(made.scan) if beside else made, key, "con nuôi")
    client = elsewhere()
    url = "/phe-duyet/ban-ky/{}/tep.pdf"
    assert client.get(url.format(copy_of(record).pk)).status_code == 403
    # let through to the store, which does not answer
    assert client.get(url.format(copy_of(plain).pk)).status_code == 302
