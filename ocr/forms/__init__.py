"""Declarative form files and their loader."""

from ocr.forms.loader import load_forms, with_form_file
from ocr.forms.schema import Form, FormError, FormLibrary

__all__ = ["Form", "FormError", "FormLibrary", "load_forms", "with_form_file"]
