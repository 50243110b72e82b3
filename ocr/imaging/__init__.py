"""Upright, flat, evenly lit leaves from delivered pages."""

from ocr.imaging.prepare import prepare_page
from ocr.imaging.region import PreparedPage, Region

__all__ = ["PreparedPage", "Region", "prepare_page"]
