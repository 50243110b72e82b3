"""Where the shared corpus of synthetic scans stands, for tests that read it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CORPUS = Path(os.environ.get("SOHOA_CORPUS", Path(__file__).parents[2] / "shared" / "corpus" / "dev"))
SCORER = CORPUS.parents[1] / "tools" / "score.py"

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}; set SOHOA_CORPUS")
needs_scorer = pytest.mark.skipif(not SCORER.is_file(), reason=f"no scorer at {SCORER} beside the corpus")
