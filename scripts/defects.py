"""What scanners, phones, photocopiers and years do to a page, drawn onto clean pictures of pages.

A defect is a pure function of picture, dpi, strength and seed. Those that move pixels tell where to, so that
truth can be moved along.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import defect_shapes as shapes
import defect_surface as surface
from defect_picture import Defect

DEFECTS: Final[Mapping[str, tuple[Defect, tuple[float, ...]]]] = MappingProxyType(
    {
        "again": (shapes.again, (0.1, 0.2, 0.3)),
        "curl": (shapes.curl, (3, 7)),
        "wave": (shapes.wave, (1, 2.5)),
        "photo-dark": (shapes.photo_dark, (0.02, 0.05)),
        "photo-light": (shapes.photo_light, (0.02, 0.05)),
        "lamp": (surface.lamp, (0.4, 0.7)),
        "shadow": (surface.shadow, (0.35, 0.6)),
        "low-resolution": (shapes.low_resolution, (150, 120)),
        "jpeg": (surface.jpeg, (30, 15)),
        "motion": (surface.motion, (0.25, 0.5)),
        "defocus": (surface.defocus, (0.4, 0.7)),
        "night": (surface.night, (10, 22)),
        "tungsten": (surface.tungsten, (0.5, 1)),
        "blue-light": (surface.blue_light, (1,)),
        "old-paper": (surface.old_paper, (0.5, 1)),
        "faded": (surface.faded, (0.5, 0.75)),
        "bleed": (surface.bleed, (0.2, 0.4)),
        "coffee": (surface.coffee, (0.35, 0.7)),
        "stamp": (surface.stamp, (1, 2, 3)),
        "torn": (surface.torn, (25, 60)),
        "punched": (surface.punched, (1, 2)),
        "skew": (shapes.skew, (3, -7)),
        "turned": (shapes.turned, (90, 180, 270)),
        "fax": (surface.fax, (1, 2)),
        "gray": (surface.gray, (1,)),
        "photocopy": (surface.photocopy, (5, 15)),
        "streaks": (surface.streaks, (3, 10)),
        "shrunken": (shapes.shrunken, (0.84, 0.707)),
        "crease": (surface.crease, (1, 2)),
    }
)
"""By name: the function and its strengths, mild ones first."""
