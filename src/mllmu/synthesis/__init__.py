"""Fictitious people: who they are, what they look like and what is asked about them."""

from mllmu.synthesis.people import counterfactuals, make_people
from mllmu.synthesis.person import ATTRIBUTES, Person
from mllmu.synthesis.questions import write_questions, write_training_questions
from mllmu.synthesis.synthesize import CELEBRITIES, CELEBRITY_SEED, describe, describe_fictitious, synthesize

__all__ = [
    "ATTRIBUTES",
    "CELEBRITIES",
    "CELEBRITY_SEED",
    "Person",
    "counterfactuals",
    "describe",
    "describe_fictitious",
    "make_people",
    "synthesize",
    "write_questions",
    "write_training_questions",
]
