"""The same servers and tools as the stages have, and one Chromium for all tests of a module."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.stages.conftest import approved, broker, equipment, servers, settings_of_tests
from web.asgi import application

__all__ = ["approved", "broker", "equipment", "servers", "settings_of_tests"]


@dataclass
class Desk:
    """The desk in a browser; it asks for nothing foreign, and none of its programs fails.

    Attributes:
        url: of its first page, without the last stroke.
    """

    url: str
    browser: Browser
    foreign: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, path: str = "/", *, account: Any = None) -> Page:
        """A page of a browser of its own, signed in where an account is given."""
        context = self.browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
        self.contexts.append(context)
        if account is not None:
            client = Client()
            client.force_login(account)
            value = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": value, "url": self.url}])
        page = context.new_page()
        page.on("request", self._asked)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._told)
        page.goto(self.url + path)
        return page

    def _asked(self, request: Any) -> None:
        host = urlsplit(self.url).netloc
        if not request.url.startswith(("data:", "blob:")) and urlsplit(request.url).netloc != host:
            self.foreign.append(request.url)

    def _told(self, message: Any) -> None:
        if "Content Security" in message.text:
            self.faults.append(message.text)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as play:
        # the driver runs a loop of its own in this thread, where Django would refuse to ask the database
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def address(transactional_db, settings) -> Iterator[str]:
    """Where the desk of this process answers, under uvicorn as in an office, so that streams come through."""
    settings.ALLOWED_HOSTS = ["*"]
    config = uvicorn.Config(application, lifespan="off", log_config=None, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    with socket.create_server(("localhost", 0)) as door:
        thread = threading.Thread(target=asyncio.run, args=(server.serve([door]),), daemon=True)
        thread.start()
        yield f"http://localhost:{door.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=20)
        assert not thread.is_alive()


@pytest.fixture
def desk(chromium, equipment, broker, address, monkeypatch) -> Iterator[Desk]:
    use(equipment, monkeypatch)
    desk = Desk(address, chromium)
    yield desk
    for context in desk.contexts:
        context.close()
    assert desk.foreign == []
    assert desk.faults == []


def use(tools: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every page of the desk work with these tools."""
    import web.urls  # noqa: F401 - all pages are there now

    for name, module in sys.modules.copy().items():  # the server imports, too
        if name.startswith("web.") and hasattr(module, "equipment"):
            monkeypatch.setattr(module, "equipment", lambda: tools)
