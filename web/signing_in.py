"""How accounts sign in."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest
from django.urls import reverse

from web.sign_in_events import ENROL, FIRST_STEPS


class ClosedAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up: an administrator makes accounts."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "Tên đăng nhập hoặc mật khẩu không đúng.",
        "too_many_login_attempts": "Đã thử quá nhiều lần. Hãy đợi mười phút rồi thử lại.",
        "account_inactive": "Tài khoản đã bị khóa; hỏi người quản trị.",
        "enter_current_password": "Hãy gõ đúng mật khẩu hiện tại.",
        "incorrect_password": "Mật khẩu không đúng.",
        "same_as_current": "Mật khẩu mới phải khác mật khẩu hiện tại.",
        "rate_limited": "Đã thử quá nhiều lần. Hãy đợi ít phút rồi thử lại.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse everybody."""
        return False

    def clean_password(self, password: str, user: AbstractUser | None = None) -> str:
        """Refuse the password that stands already: an administrator may know it."""
        kept: str = super().clean_password(password, user)
        if user is not None and user.check_password(kept):
            raise self.validation_error("same_as_current")
        return kept

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go on working."""
        return reverse("home")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again before a second factor changes, except on the way to a demanded one."""
        led_there = ENROL in self.request.session.get(FIRST_STEPS, [])
        return not led_there and super().is_reauthentication_required(app=app, **kwargs)
