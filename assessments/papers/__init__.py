"""Papers: what a quiz asks for, whether the bank can give it, and the drawing. Pure: no ORM, no Celery."""

from assessments.papers.blueprint import Blueprint, Draw, FixedQuestion, Review, Section
from assessments.papers.drawing import Candidate, PaperSlot, Shortage, draw_order, draw_paper, find_shortages

__all__ = [
    "Blueprint",
    "Candidate",
    "Draw",
    "FixedQuestion",
    "PaperSlot",
    "Review",
    "Section",
    "Shortage",
    "draw_order",
    "draw_paper",
    "find_shortages",
]
