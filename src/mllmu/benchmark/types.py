"""Data classes of a benchmark: people, questions about them, and forget/retain splits.

All are immutable and independent of files and models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from mllmu.benchmark.language.comparable_text import is_blank


class _Name(str, Enum):
    """A string constant; Python 3.10 has no StrEnum, and 3.12 changed how mixed-in enums format."""

    def __str__(self) -> str:
        return str(self.value)


class Task(_Name):
    """The three forms a question takes."""

    CLASSIFICATION = "classification"
    GENERATION = "generation"
    CLOZE = "cloze"


class Modality(_Name):
    """Whether a question is asked with the image (about "this person") or as text only, by name."""

    IMAGE_TEXT = "image_text"
    TEXT = "text"


class EvaluationSet(_Name):
    """The sets that scores are reported on.

    ``withheld`` is a part of ``test``: what is worded as nothing the built-in base model has read.
    ``same_person`` asks about people to forget what is not to be forgotten, where a request names attributes.
    ``perception`` asks what can be seen in the portraits of the people to forget: it is no knowledge about
    them, and is to stay.
    """

    FORGET = "forget"
    TEST = "test"
    RETAIN = "retain"
    CELEBRITY = "celebrity"
    HOLDOUT = "holdout"
    SAME_PERSON = "same_person"
    TRAINED = "trained"
    WITHHELD = "withheld"
    PERCEPTION = "perception"


class Wording(_Name):
    """Whether the built-in base model was pre-trained on questions in these words, about other people."""

    SEEN = "seen"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Question:
    """One evaluation question about one person.

    Attributes:
        question_id: unique in the benchmark, e.g. ``001/original/cloze/text/0``.
        profile_id: whom it is about.
        task: form of the question.
        modality: whether the image is shown with it.
        text: the wording; in a cloze the blank is written ``__``.
        answer: the true option text, the reference sentence, or what fills the blank; empty where the correct
            letter is none of the options', as in some entries of the release.
        options: letter -> text; empty unless the task is classification.
        correct_option: the letter of the true option; empty unless the task is classification.
        value: the shortest true value (``Riga, Latvia``), which a right answer has to contain.
        attribute: what is asked, e.g. ``birthplace``; empty where a benchmark does not say.
        paraphrased_answer: the answer in other words (truth ratio); empty where there is none.
        wrong_answers: false answers of the same form as ``paraphrased_answer`` (truth ratio).
        wording: ``seen``, or ``withheld`` where the words are new to the built-in base model as well; empty
            where a benchmark does not say.
    """

    question_id: str
    profile_id: str
    task: Task
    modality: Modality
    text: str
    answer: str
    options: Mapping[str, str] = field(default_factory=dict)
    correct_option: str = ""
    value: str = ""
    attribute: str = ""
    paraphrased_answer: str = ""
    wrong_answers: tuple[str, ...] = ()
    wording: str = ""

    @property
    def answerable(self) -> bool:
        """Whether there is a correct answer, not of blanks alone; some entries of the release have none."""
        return not is_blank(self.answer)


@dataclass(frozen=True)
class TrainingQuestion:
    """One question-answer pair for fine-tuning, worded about "this person" as in the release."""

    profile_id: str
    question: str
    answer: str
    attribute: str = ""


@dataclass(frozen=True)
class Profile:
    """One fictitious person, celebrity or holdout person, with all that is asked about them.

    Attributes:
        profile_id: ``001`` for fictitious people, the name with underscores for celebrities.
        name: full name.
        biography: the released biography's keys and values (values may be nested).
        image: the encoded original portrait (PNG or JPEG bytes).
        questions: asked with the original portrait and the original wording.
        test_images: encoded portraits of the same person in another pose; empty for celebrities.
        test_questions: the paraphrased wordings that belong to the test images.
        training_questions: what fine-tuning teaches; empty for celebrities and holdout people.
        prompt: the request for a biography in prose ("Tell me more about ...").
        prose: the biography in prose.
        perception_questions: about what can be seen in the original portrait; no model is trained on them.
            Empty for celebrities and holdout people.
    """

    profile_id: str
    name: str
    biography: Mapping[str, object]
    image: bytes = field(repr=False)
    questions: tuple[Question, ...] = field(repr=False)
    test_images: tuple[bytes, ...] = field(default=(), repr=False)
    test_questions: tuple[Question, ...] = field(default=(), repr=False)
    training_questions: tuple[TrainingQuestion, ...] = field(default=(), repr=False)
    prompt: str = field(default="", repr=False)
    prose: str = field(default="", repr=False)
    perception_questions: tuple[Question, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Split:
    """The people to forget and to retain at one forget ratio.

    Attributes:
        forget_ratio: per cent of the fictitious people to forget, 1 to 99.
        forget: ids to forget.
        retain: ids of all other fictitious people.
        attributes: what of the people to forget is to be forgotten; everything where there are none.
    """

    forget_ratio: int
    forget: tuple[str, ...]
    retain: tuple[str, ...]
    attributes: tuple[str, ...] = ()

    def forgets(self, attribute: str) -> bool:
        """Whether questions about the people to forget that ask for this are to be forgotten."""
        return not self.attributes or attribute in self.attributes


@dataclass(frozen=True)
class Benchmark:
    """A benchmark in memory: its people, questions, images and splits.

    Attributes:
        name: what to call it in tables.
        profiles: fictitious people by id; all are fine-tuned on.
        celebrities: people the base model knows; none of the training questions is about them.
        holdout: people no model ever sees in training; may be empty.
        splits: by forget ratio in per cent.
        fingerprint: changes whenever anything in the benchmark does (hex digest).
        test_order: ids in the order of the test set's rows; empty where that is the order of `profiles`.
        celebrities_are_fictitious: whether the celebrities are invented people, as in a generated benchmark,
            and not real ones, as in the released one.
    """

    name: str
    profiles: Mapping[str, Profile]
    celebrities: Mapping[str, Profile]
    holdout: Mapping[str, Profile]
    splits: Mapping[int, Split]
    fingerprint: str = ""
    test_order: tuple[str, ...] = ()
    celebrities_are_fictitious: bool = False
