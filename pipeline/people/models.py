# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""Roles of accounts in offices, first passwords, and who people are at the province's sign-in."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from pipeline.models import Office


class Role(models.TextChoices):
    """What an account is trusted with in an office."""

    SCANNER = "scanner", "Quét, tiếp nhận"
    KEYER = "keyer", "Nhập liệu"
    VERIFIER = "verifier", "Kiểm tra"
    REGISTRAR = "registrar", "Hộ tịch viên (duyệt, ký)"
    SUPERVISOR = "supervisor", "Lãnh đạo, giám sát"
    AUDITOR = "auditor", "Kiểm soát nhật ký"
    ADMINISTRATOR = "administrator", "Quản trị"


class Assignment(models.Model):
    """One role of one account in one office and everything below it in the tree."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments"
    )
    role = models.CharField(max_length=16, choices=Role.choices)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="assignments")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["office", "role"]
        constraints = [
            models.UniqueConstraint(fields=["account", "role", "office"], name="assigned_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.role} {self.office}"


class FirstPassword(models.Model):
    """Stands while an account still has the password that an administrator knows."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="first_password"
    )
    given = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.account)


class Identity(models.Model):
    """The subject that an account is at an OpenID Connect issuer; bound at the first sign-in there."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="identity"
    )
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")]

    def __str__(self) -> str:
        return str(self.account)
