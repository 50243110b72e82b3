"""Readers of text behind one protocol."""

from ocr.engines.base import Engine, LineReading
from ocr.engines.replay import Replay
from ocr.engines.tesseract import Tesseract

__all__ = ["Engine", "LineReading", "Replay", "Tesseract"]
