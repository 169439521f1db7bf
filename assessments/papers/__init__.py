"""Papers: what a quiz asks for, whether the bank can give it, and the drawing. Pure: no ORM, no Celery."""

from assessments.papers.blueprint import Blueprint, Draw, FixedQuestion, Review, Section
from assessments.papers.drawing import Candidate, PaperSlot, draw_order, draw_paper
from assessments.papers.feasibility import Contradiction, Shortage, find_contradictions, find_shortages
from assessments.papers.policies import Policies

__all__ = [
    "Blueprint",
    "Candidate",
    "Contradiction",
    "Draw",
    "FixedQuestion",
    "PaperSlot",
    "Policies",
    "Review",
    "Section",
    "Shortage",
    "draw_order",
    "draw_paper",
    "find_contradictions",
    "find_shortages",
]
