"""One thread a process: pages are read by as many processes as there are cores, and threads would fight."""

from __future__ import annotations

from typing import Final

ONE_THREAD: Final = {"OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Environment of every process that reads; Tesseract and NumPy look at it when they are loaded."""
