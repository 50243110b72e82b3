"""Single sign-on in a real browser, whose strict cookies stay behind when it comes from another site."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from pipeline.access_settings import SingleSignOnSettings
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from tests.stages.holdings import make_office
from tests.stages.issuers import CLIENT, SECRET, issuing

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def test_an_officer_comes_back_from_the_province_signed_in(chromium, address, settings, tmp_path):
    make_account("lan", full_name="Lan", roles=[(Role.KEYER, make_office())], by="an")
    (tmp_path / "secret").write_text(SECRET)
    context = chromium.new_context(locale="vi-VN")
    with issuing() as issuer:
        rules = SingleSignOnSettings(
            issuer=issuer.url, client_id=CLIENT, client_secret_file=tmp_path / "secret", title="Một cửa tỉnh"
        )
        settings.SOHOA = settings.SOHOA.model_copy(update={"single_sign_on": rules})
        desk, province = urlsplit(address).hostname, urlsplit(issuer.url).hostname
        assert desk != province, "another site, so that cookies behave as they will"
        page = context.new_page()
        page.goto(f"{address}/tai-khoan/dang-nhap/")
        page.get_by_text("Một cửa tỉnh").click()
        expect(page.get_by_role("heading", name="Tình hình số hóa")).to_be_visible()
        assert page.url == f"{address}/"
        kept = {c["name"]: c for c in context.cookies()}
        assert kept["sessionid"]["sameSite"] == "Strict"
        assert "sohoa_sign_on" not in kept
    context.close()
