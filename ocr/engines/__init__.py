"""Readers of text behind one protocol."""

from ocr.engines.base import Engine, LineReading
from ocr.engines.replay import Replay
from ocr.engines.tesseract import Tesseract, TesseractReader
from ocr.engines.tesseract_inprocess import InProcessTesseract, default_tesseract

__all__ = [
    "Engine",
    "InProcessTesseract",
    "LineReading",
    "Replay",
    "Tesseract",
    "TesseractReader",
    "default_tesseract",
]
