"""Readers of text behind one protocol."""

from ocr.engines.base import Engine, LineReading
from ocr.engines.tesseract import Tesseract, TesseractReader
from ocr.engines.tesseract_inprocess import InProcessTesseract, default_tesseract

__all__ = [
    "Engine",
    "InProcessTesseract",
    "LineReading",
    "Tesseract",
    "TesseractReader",
    "default_tesseract",
]
