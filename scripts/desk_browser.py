"""The desk of an instance with a corpus read into it, as an officer has it on the screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline.addresses import resolve
from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.embedded import ALL_PARTS, Embedded

SIZE = (1366, 768)
"""Of the screens that communes have."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A main screen: its address, and the links that lead on from there.

    Attributes:
        name: for files and tables.
        fill: fields that are filled in, each a selector and a text; then the form is sent.
        follow: selectors of links clicked in turn.
    """

    name: str
    path: str
    fill: tuple[tuple[str, str], ...] = ()
    follow: tuple[str, ...] = ()

    def open(self, page: Page, url: str) -> bool:
        """Go there; False where the instance has nothing to show on this screen."""
        page.goto(url + self.path, wait_until="load")
        for selector, text in self.fill:
            field = page.locator(selector).first
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(text)
            else:
                field.fill(text)
        if self.fill:
            page.locator("main form button").first.click()
            page.wait_for_load_state("load")
        for selector in self.follow:
            link = page.locator(selector).first
            if not link.count():
                return False
            page.goto(str(link.evaluate("e => e.href")), wait_until="load")
        # pictures of a page come after it
        page.wait_for_timeout(800)
        return True


_QUESTION = (("#text", "nguyen van"), ("#muc_dich", "Cấp bản sao trích lục"))
SCREENS: Sequence[Screen] = (
    Screen("trang-dau", ""),
    Screen("tiep-nhan", "tiep-nhan/"),
    Screen("tiep-nhan-dot", "tiep-nhan/", follow=("main table a",)),
    Screen("kiem-tra", "kiem-tra/"),
    Screen("kiem-tra-ho-so", "kiem-tra/", follow=("main a.button",)),
    Screen("kiem-tra-nhom", "kiem-tra/nhom/"),
    Screen("kiem-tra-tuong", "kiem-tra/nhom/", follow=("main table a",)),
    Screen("phe-duyet", "phe-duyet/"),
    Screen("phe-duyet-quyen", "phe-duyet/", follow=("main table a",)),
    Screen("ban-ky", "phe-duyet/", follow=("tr:has(td:nth-child(6):not(:text-is('0'))) a", "details li a")),
    Screen("tra-cuu", "tra-cuu/", fill=_QUESTION),
    Screen("tra-cuu-ho-so", "tra-cuu/", fill=_QUESTION, follow=("main table a",)),
    Screen("giao-nop", "giao-nop/"),
    Screen("tien-do", "tien-do/"),
    Screen("chat-luong", "chat-luong/"),
    Screen("nhat-ky", "nhat-ky/"),
    Screen("nguoi-dung", "nguoi-dung/"),
    Screen("nguoi-dung-mot", "nguoi-dung/", follow=("main table a",)),
    Screen("don-vi", "nguoi-dung/don-vi/"),
    Screen("tro-giup", "tro-giup/"),
)


@contextmanager
def instance(corpus: Path, *, approve: bool = False, jobs: int = 2) -> Iterator[str]:
    """A private instance that has read a corpus folder; yields the address of its desk.

    Args:
        approve: seal and store everything, too.
    """
    with tempfile.TemporaryDirectory(prefix="sohoa-desk-") as name:
        os.environ["SOHOA_DATA_DIR"] = str(Path(name) / "data")
        os.environ.setdefault("SOHOA_OFFICE_NAME", "UBND xã Mẫu")
        os.environ["SOHOA_RETENTION_DAYS"] = "1"
        os.environ["SOHOA_WORKER_PROCESSES"] = str(jobs)
        with Embedded(load_settings(), ALL_PARTS, lasting=True) as endpoints:
            command = [str(Path(sys.executable).parent / "sohoa"), "process", str(corpus)]
            for option, file in (("--register", "register.csv"), ("--books", "books.json")):
                if (corpus / file).exists():
                    command += [option, str(corpus / file)]
            done = subprocess.run([*command, *["--approve-all"] * approve], stdout=subprocess.DEVNULL)
            if done.returncode:
                sys.exit(f"sohoa process failed with {done.returncode}")
            set_up_django()
            yield str(endpoints.web_url)


@contextmanager
def running_instance() -> Iterator[str]:
    """The instance that runs on the data folder of the settings, for as long as somebody else keeps it."""
    endpoints = resolve(load_settings())
    set_up_django()
    yield str(endpoints.web_url)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account in the browser."""

    page: Page
    context: BrowserContext
    url: str

    def fresh_page(self) -> Page:
        """A page of a browser that has seen nothing of the desk yet, but is signed in."""
        assert self.context.browser
        context = self.context.browser.new_context(storage_state=self.context.storage_state(), **_view())
        return context.new_page()


@contextmanager
def signed_in(url: str, name: str, full_name: str, roles: Sequence[str]) -> Iterator[SignedIn]:
    """Make an account in every office and sign it in through the form."""
    # the driver runs a loop of its own in this thread, where Django would refuse to ask the database
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    password = _account(name, full_name, roles)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(**_view())
        page = context.new_page()
        page.goto(url)
        page.fill("[name=login]", name)
        page.fill("[name=password]", password)
        page.keyboard.press("Enter")
        page.wait_for_url(url)
        yield SignedIn(page, context, url)
        browser.close()


def _account(name: str, full_name: str, roles: Sequence[str]) -> str:
    from django.contrib.auth import get_user_model

    from pipeline.models import Office
    from pipeline.people.accounts import assign, make_account, reset_password
    from pipeline.people.models import Role

    given = [(Role(role), office) for office in Office.objects.filter(parent=None) for role in roles]
    account = get_user_model().objects.filter(username=name).first()
    if account:
        password = reset_password(account, by="sohoa")
        for role, office in given:
            assign(account, role, office, by="sohoa")
    else:
        account, password = make_account(name, full_name=full_name, roles=given, by="sohoa")
    account.first_password.delete()
    return password


def _view() -> dict[str, object]:
    width, height = SIZE
    return {"viewport": {"width": width, "height": height}, "locale": "vi-VN"}
