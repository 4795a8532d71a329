"""Take what is no text out of a benchmark's texts: control tokens of models, and control characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.language.comparable_text import is_blank
from mllmu.benchmark.load_report import LoadReport, person_key, training_key
from mllmu.benchmark.types import Benchmark, Profile, Question, TrainingQuestion
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue

CONTROL_TOKENS = (
    "<image>",
    "<image_soft_token>",
    "<start_of_image>",
    "<end_of_image>",
    "<|image|>",
    "<|image_pad|>",
    "<video>",
    "<|video_pad|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<fake_token_around_image>",
    "<s>",
    "</s>",
    "<bos>",
    "<eos>",
    "<pad>",
    "<unk>",
    "<end_of_utterance>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<|im_start|>",
    "<|im_end|>",
    "<|user|>",
    "<|assistant|>",
    "<|end|>",
    "<|endoftext|>",
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "[INST]",
    "[/INST]",
)
"""Texts that LLaVA, Gemma, Qwen, Llama, Mistral, Phi and Idefics models read as control tokens.

A model's own are looked for as well when a text is encoded for it.
"""

# Line breaks and tabs are texts; halves of surrogate pairs cannot even be encoded.
_SIGNS = re.compile(
    rf"{'|'.join(map(re.escape, CONTROL_TOKENS))}|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]"
)
_MOST_PASSES = 20
_BRACKETS = re.compile(r"[<>\[\]]")
_COLUMNS = {
    "name": parquet_layout.NAME,
    "biography": parquet_layout.BIOGRAPHY,
    "prompt": parquet_layout.PROMPT,
    "prose": parquet_layout.PROSE,
}
_EXPECTED = "words, without control tokens of a model and without control characters"


def without_control_signs(benchmark: Benchmark, report: LoadReport) -> Benchmark:
    """Remove control tokens and control characters from all texts, and note where they were.

    A question of which nothing is left is left out.

    Args:
        benchmark: as its layout read it.
        report: has the locations of all texts; gets one note per text that is changed.
    """
    groups = (
        {profile_id: _cleaned(person, report) for profile_id, person in people.items()}
        for people in (benchmark.profiles, benchmark.celebrities, benchmark.holdout)
    )
    profiles, celebrities, holdout = groups
    return replace(benchmark, profiles=profiles, celebrities=celebrities, holdout=holdout)


def control_signs(text: str) -> str:
    """Name the control tokens and control characters in a text; empty if there are none."""
    return _named(_SIGNS.findall(text))


def is_worded(text: str) -> bool:
    """Whether anything can be seen of a text once control tokens and control characters are taken out."""
    return not is_blank(_Cleaner([]).clean(text))


@dataclass
class _Cleaner:
    """Cleans the texts of one thing in the benchmark, and remembers which signs it took out."""

    signs: list[str]
    dropped: list[str] = field(default_factory=list)

    def clean(self, value: Any) -> Any:
        if isinstance(value, str):
            passes = 0
            while signs := _SIGNS.findall(value):
                self.signs += signs
                # A token that is left when another one is taken out of its middle is no text either.
                value = _SIGNS.sub("", value).strip()
                passes += 1
                if passes == _MOST_PASSES:  # nobody means so many of them within one another
                    value = _BRACKETS.sub("", value)
            return value
        if isinstance(value, Mapping):
            return self._clean_mapping(value)
        return [self.clean(entry) for entry in value] if isinstance(value, list) else value

    def _clean_mapping(self, value: Mapping[Any, Any]) -> dict[Any, Any]:
        cleaned: dict[Any, Any] = {}
        for key, entry in value.items():
            new = self.clean(key)
            if new in cleaned or (new != key and new in value):
                self.dropped.append(f"{new!r} twice")
                continue
            cleaned[new] = self.clean(entry)
        return cleaned


def _cleaned(person: Profile, report: LoadReport) -> Profile:
    location = report.locations[person_key(person.profile_id)]
    texts = {}
    for name, column in _COLUMNS.items():
        cleaner = _Cleaner([])
        texts[name] = cleaner.clean(getattr(person, name))
        _note(cleaner.signs, replace(location, field=column), bool(texts[name]), report)
        for problem in cleaner.dropped:
            what = f"left out: without {_named(cleaner.signs)} there is the key {problem}"
            here = replace(location, field=column)
            report.notes.append(ValidationIssue(Severity.ERROR, Check.CONTROL_SIGN, here, what, _EXPECTED))
    questions, tests, seen = (
        tuple(_asked(group, report))
        for group in (person.questions, person.test_questions, person.perception_questions)
    )
    taught = tuple(_taught(person, report))
    return replace(
        person,
        **texts,
        questions=questions,
        test_questions=tests,
        training_questions=taught,
        perception_questions=seen,
    )


def _asked(questions: Iterable[Question], report: LoadReport) -> Iterable[Question]:
    for question in questions:
        cleaner = _Cleaner([])
        parts = {
            name: cleaner.clean(getattr(question, name))
            for name in (
                "text",
                "answer",
                "options",
                "correct_option",
                "value",
                "paraphrased_answer",
                "attribute",
                "wording",
            )
        }
        wrong = tuple(text for text in cleaner.clean(list(question.wrong_answers)) if not is_blank(text))
        if not cleaner.signs:
            yield question
            continue
        whole = all(parts[name] or not getattr(question, name) for name in ("text", "answer"))
        options = parts["options"]
        usable = whole and all(options.values()) and len(options) == len(question.options or ())
        location = report.locations[question.question_id]
        _note(cleaner.signs, location, usable, report)
        if usable:
            for text in question.wrong_answers:
                if not is_worded(text):
                    what = f"left out: a wrong answer of {control_signs(text)} alone"
                    report.notes.append(
                        ValidationIssue(Severity.ERROR, Check.CONTROL_SIGN, location, what, _EXPECTED)
                    )
            yield replace(question, **parts, wrong_answers=wrong)


def _taught(person: Profile, report: LoadReport) -> Iterable[TrainingQuestion]:
    number = 0
    for position, pair in enumerate(person.training_questions):
        location = report.locations[training_key(person.profile_id, position)]
        cleaner = _Cleaner([])
        question, answer, attribute = map(cleaner.clean, (pair.question, pair.answer, pair.attribute))
        usable = bool(question and answer)
        _note(cleaner.signs, location, usable, report)
        if usable or not cleaner.signs:
            report.locations[training_key(person.profile_id, number)] = location
            number += 1
            yield replace(pair, question=question, answer=answer, attribute=attribute)


def _note(signs: Iterable[str], location: Location, usable: bool, report: LoadReport) -> None:
    if names := _named(signs):
        problem = f"{names} taken out of the text" if usable else f"left out: a text of {names} alone"
        severity = Severity.WARNING if usable else Severity.ERROR
        report.notes.append(ValidationIssue(severity, Check.CONTROL_SIGN, location, problem, _EXPECTED))


def _named(signs: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(sign if len(sign) > 1 else f"U+{ord(sign):04X}" for sign in signs))
