"""Scores readings of a corpus against its truth."""

from pipeline.evaluation.score import score_corpus

__all__ = ["score_corpus"]
