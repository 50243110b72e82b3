"""The interface for other systems, under ``/api/v1/``."""

from web.api.interface import paths

__all__ = ["paths"]
