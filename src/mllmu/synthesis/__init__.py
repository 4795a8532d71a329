"""Fictitious people: who they are, what they look like and what is asked about them."""

from mllmu.synthesis.benchmark_synthesis import (
    CELEBRITIES,
    CELEBRITY_SEED,
    describe,
    describe_fictitious,
    synthesize,
)
from mllmu.synthesis.person import ATTRIBUTES, Person
from mllmu.synthesis.population import counterfactuals, make_people
from mllmu.synthesis.question_writer import write_questions, write_training_questions

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
