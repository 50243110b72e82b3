"""The province's sign-in lets in whom an administrator made an account for, and nobody on a doubtful word."""

from __future__ import annotations

import re
import time

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from pipeline.access_settings import SingleSignOnSettings
from pipeline.models import Event
from pipeline.people.accounts import make_account, switch
from pipeline.people.administration import NotAllowed, forget_identity
from pipeline.people.models import Identity, Role
from tests.stages.holdings import make_office
from tests.stages.issuers import CLIENT, SECRET, FakeIssuer, issuing, new_key
from tests.stages.test_second_factor import ENROL, code_of

BEGIN, BACK = "/tai-khoan/mot-lan/", "/tai-khoan/mot-lan/ve/"
SIGN_IN = "/tai-khoan/dang-nhap/"


@pytest.fixture(scope="module")
def _served():
    with issuing() as started:
        yield started


@pytest.fixture
def issuer(_served, db, settings, tmp_path) -> FakeIssuer:
    _served.lies, _served.document_lies, _served.down = {}, {}, False
    _served.signing_key, _served.algorithm = None, "RS256"
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    rules = SingleSignOnSettings(
        issuer=_served.url, client_id=CLIENT, client_secret_file=tmp_path / "secret", title="Một cửa tỉnh"
    )
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SOHOA = settings.SOHOA.model_copy(update={"single_sign_on": rules})
    return _served


@pytest.fixture
def lan(db):
    return make_account("lan", full_name="Lan", roles=[(Role.KEYER, make_office())], by="an")[0]


def came_back(issuer: FakeIssuer, client: Client, subject: str = "s-1", name: str = "lan"):
    answer = client.get(BEGIN)
    assert answer.status_code == 302
    return client.get(BACK, issuer.approve(answer.url, subject, name))


def refused(answer, code: str) -> str:
    """The sentence shown; nobody is signed in, and the log says why."""
    assert answer.status_code == 403
    assert "_auth_user_id" not in answer.client.session
    assert Event.objects.filter(verb="account.sign_on_refused").latest("id").data == {"code": code}
    return re.search(r'role="alert">([^<]+)<', answer.content.decode())[1]


def test_a_person_signs_in_at_the_province_and_works_without_a_password_of_this_desk(issuer, lan):
    client = Client()
    page = client.get(SIGN_IN).content.decode()
    assert BEGIN in page
    assert "Một cửa tỉnh" in page
    answer = came_back(issuer, client)
    assert 'http-equiv="refresh" content="0;url=/"' in answer.content.decode()
    assert "Tình hình số hóa" in client.get("/").content.decode()
    event = Event.objects.get(verb="account.signed_in")
    assert (event.actor, event.data) == ("lan", {"way": "single sign-on"})
    assert Identity.objects.get().account == lan


def test_the_browser_is_sent_with_state_nonce_and_challenge_and_keeps_them_in_a_lax_cookie(issuer, lan):
    client = Client()
    first, second = client.get(BEGIN), Client().get(BEGIN)
    for name in ("state", "nonce", "code_challenge"):
        values = {re.search(rf"[?&]{name}=([^&]+)", a.url)[1] for a in (first, second)}
        assert len(values) == 2
    cookie = client.cookies["sohoa_sign_on"]
    assert (cookie["samesite"], cookie["httponly"], cookie["path"]) == ("Lax", True, BEGIN)
    came_back(issuer, client)
    assert client.cookies["sohoa_sign_on"].value == ""


LIES = {
    "wrong nonce": ({"nonce": "cua-lan-khac"}, "NONCE_WRONG"),
    "no nonce": ({"nonce": None}, "TOKEN_INVALID"),
    "wrong audience": ({"aud": "mot-he-thong-khac"}, "TOKEN_INVALID"),
    "several audiences": ({"aud": [CLIENT, "khac"]}, "TOKEN_INVALID"),
    "made for another": ({"aud": [CLIENT, "khac"], "azp": "khac"}, "TOKEN_INVALID"),
    "wrong issuer": ({"iss": "https://khac.gov.vn"}, "TOKEN_INVALID"),
    "expired": ({"exp": int(time.time()) - 3600}, "TOKEN_INVALID"),
    "no expiry": ({"exp": None}, "TOKEN_INVALID"),
    "from the future": ({"iat": int(time.time()) + 3600}, "TOKEN_INVALID"),
    "no subject": ({"sub": None}, "TOKEN_INVALID"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_does_not_hold_signs_nobody_in(issuer, lan, lie):
    issuer.lies, code = LIES[lie]
    assert "không hợp lệ" in refused(came_back(issuer, Client()), code)
    assert not Identity.objects.exists()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(new_key(), "RS256"), (SECRET * 4, "HS256"), (None, "none")],
    ids=["another key", "our own secret", "no signature"],
)
def test_a_token_that_the_issuer_did_not_sign_signs_nobody_in(issuer, lan, key, algorithm):
    issuer.signing_key, issuer.algorithm = key, algorithm
    refused(came_back(issuer, Client()), "TOKEN_INVALID")


def test_an_answer_that_this_browser_did_not_ask_for_signs_nobody_in(issuer, lan):
    begun = Client().get(BEGIN)
    brought = issuer.approve(begun.url, "s-1", "lan")
    victim = Client()
    assert victim.get(BACK, brought).status_code == 403
    victim.get(BEGIN)
    assert victim.get(BACK, brought).status_code == 403
    assert "_auth_user_id" not in victim.session
    assert issuer.codes  # the code was not even used


def test_an_attempt_is_good_once_and_for_ten_minutes(issuer, lan, monkeypatch):
    client = Client()
    brought = issuer.approve(client.get(BEGIN).url, "s-1", "lan")
    assert client.get(BACK, brought).status_code == 200
    assert client.get(BACK, brought).status_code == 403
    brought = issuer.approve(client.get(BEGIN).url, "s-1", "lan")
    later = time.time() + 601
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.get(BACK, brought).status_code == 403


def test_who_has_no_account_gets_none(issuer, lan):
    before = get_user_model().objects.count()
    assert "chưa có tài khoản" in refused(came_back(issuer, Client(), "s-9", "minh"), "UNKNOWN_PERSON")
    issuer.lies = {"preferred_username": None}
    refused(came_back(issuer, Client(), "s-9"), "UNKNOWN_PERSON")
    assert get_user_model().objects.count() == before


def test_a_name_that_the_issuer_gives_to_somebody_else_later_opens_nothing(issuer, lan):
    came_back(issuer, Client(), "s-1")
    assert "gắn với người khác" in refused(came_back(issuer, Client(), "s-2"), "OTHER_PERSON")
    renamed = Client()
    came_back(issuer, renamed, "s-1", "lan.tran")
    assert renamed.session["_auth_user_id"] == str(lan.pk)


def test_an_administrator_frees_an_account_for_another_identity(issuer, lan):
    chief = make_account("chief", full_name="", roles=[(Role.ADMINISTRATOR, make_office())], by="an")[0]
    other = make_account("xa", full_name="", roles=[(Role.ADMINISTRATOR, make_office("24000"))], by="an")[0]
    came_back(issuer, Client(), "s-1")
    with pytest.raises(NotAllowed):
        forget_identity(other, lan)
    desk = Client()
    desk.force_login(chief)
    assert "Gỡ gắn kết" in desk.get(f"/nguoi-dung/{lan.pk}/").content.decode()
    desk.post(f"/nguoi-dung/{lan.pk}/khoa/", {"bo_mot_lan": "1"})
    assert Event.objects.filter(verb="account.identity_forgotten", actor="chief").count() == 1
    assert came_back(issuer, Client(), "s-2").status_code == 200


def test_a_locked_account_stays_out_and_gains_no_role(issuer, lan):
    switch(lan, on=False, by="an")
    issuer.lies = {"roles": ["administrator"], "groups": ["registrar"]}
    assert "bị khóa" in refused(came_back(issuer, Client()), "SWITCHED_OFF")
    switch(lan, on=True, by="an")
    came_back(issuer, Client())
    assert [a.role for a in lan.assignments.all()] == ["keyer"]


def test_the_second_factor_of_this_desk_is_asked_for_all_the_same(issuer, lan, settings):
    settings.SOHOA = settings.SOHOA.model_copy(update={"second_factor": ("keyer",)})
    client = Client()
    came_back(issuer, client)
    page = client.get("/", follow=True)
    assert page.redirect_chain[-1][0] == ENROL
    secret = re.search(r"<kbd>(\w+)</kbd>", page.content.decode())[1]
    client.post(ENROL, {"code": code_of(secret)})
    again = Client()
    answer = came_back(issuer, again)
    assert "url=/tai-khoan/lop-thu-hai/authenticate/" in answer.content.decode()
    assert again.get("/").url.startswith(SIGN_IN)
    again.post("/tai-khoan/lop-thu-hai/authenticate/", {"code": code_of(secret)})
    assert again.get("/").status_code == 200


def test_passwords_stay_for_the_day_the_province_is_down(issuer, lan):
    issuer.down = True
    page = Client().get(BEGIN)
    assert page.status_code == 403
    assert "đăng nhập bằng mật khẩu" in page.content.decode()
    lan.set_password("mot-mat-khau-rieng-2026")
    lan.save()
    client = Client()
    client.post(SIGN_IN, {"login": "lan", "password": "mot-mat-khau-rieng-2026"})
    assert client.session["_auth_user_id"] == str(lan.pk)


def test_a_person_who_turns_back_at_the_province_is_told_so(issuer, lan):
    client = Client()
    state = issuer.approve(client.get(BEGIN).url, "s-1", "lan")["state"]
    assert "Chưa đăng nhập" in refused(
        client.get(BACK, {"error": "access_denied", "state": state}), "CANCELLED"
    )


@pytest.mark.parametrize(
    "lie",
    [{"issuer": "https://khac.gov.vn"}, {"token_endpoint": "http://khac.gov.vn/token"}, {"jwks_uri": ""}],
)
def test_an_issuer_that_describes_itself_wrongly_is_not_used(issuer, lan, lie):
    issuer.document_lies = lie
    assert Client().get(BEGIN).status_code == 403


def test_without_an_issuer_there_is_neither_button_nor_page(issuer, lan, settings):
    settings.SOHOA = settings.SOHOA.model_copy(update={"single_sign_on": SingleSignOnSettings()})
    assert BEGIN not in Client().get(SIGN_IN).content.decode()
    assert Client().get(BEGIN).status_code == 404


def test_a_half_set_up_or_open_line_is_refused_at_the_start(tmp_path):
    for values in (
        {"issuer": "https://a.gov.vn"},
        {"issuer": "http://a.gov.vn", "client_id": "x", "client_secret_file": tmp_path},
    ):
        with pytest.raises(ValueError, match=r"issuer|https"):
            SingleSignOnSettings(**values)
