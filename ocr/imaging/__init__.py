"""Upright, flat, evenly lit leaves from delivered pages."""

from ocr.imaging.prepare import prepare_page
from ocr.imaging.region import PreparedPage, Region
from ocr.imaging.upright import TextProbe

__all__ = ["PreparedPage", "Region", "TextProbe", "prepare_page"]
