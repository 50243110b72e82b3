"""The administrative units this installation knows: those shipped and those its office imported."""

from __future__ import annotations

from validators.places import Gazetteer, load_gazetteer


def office_gazetteer() -> Gazetteer:
    """The gazetteer as it now stands; made anew only after an import."""
    return load_gazetteer()
