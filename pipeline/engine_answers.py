"""Where an installation keeps what its engines answered, and for how long."""

from __future__ import annotations

from pathlib import Path

from ocr.engine_cache import EngineCache
from pipeline.configuration import Settings

_DAY = 86_400.0


def open_cache(settings: Settings) -> EngineCache | None:
    """The cache of this installation, shared by all its processes.

    Returns:
        None where it is switched off, or where there is no data folder: reading files makes none.
    """
    if not settings.engine_cache_mb or not settings.data_dir.is_dir():
        return None
    return _cache(settings)


def tidy_cache(settings: Settings) -> None:
    """Forget what is old; where the cache is switched off, what it held before, too."""
    if settings.engine_cache_mb:
        _cache(settings).tidy(settings.engine_cache_days * _DAY)
    else:
        _cache(settings).erase()


def cache_folder(settings: Settings) -> Path:
    """Where answers lie; they tell what stands on the pages, like the pages themselves."""
    return settings.data_dir / "cache" / "engines"


def _cache(settings: Settings) -> EngineCache:
    return EngineCache(cache_folder(settings), settings.engine_cache_mb * 2**20)
