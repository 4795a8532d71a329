"""Protects how long answers may be, and that stopping early changes no letter."""

import pytest

from mllmu.benchmark.types import Task
from mllmu.evaluation.protocols.official import OFFICIAL, OFFICIAL_IDEFICS2
from mllmu.inference import Stop
from mllmu.inference.in_memory.stop_rule import StopRule
from tests.inference.in_memory.test_stop_rule import byte_tokenizer

from .people import BENCHMARK, IMAGE, SPLIT, TEXT

ANSWERS = [
    "B",
    " b) Riga",
    "A",
    "A\n",
    "Answer: B",
    "The answer is B",
    "ASSISTANT: B",
    "ASSISTANT:",
    "ASSISTANT",
    "ASSIST: B",
    "A ASSISTANT: B",
    "\n\n D",
    "(C)",
    "\u00c4 B",
    "",
]


def asking(protocol, task, modality):
    items = protocol.items(BENCHMARK, [SPLIT], "", 0)[60]
    return next(
        protocol.put(item)
        for item in items
        if (item.question.task, item.question.modality) == (task, modality)
    )


@pytest.mark.parametrize("protocol", [OFFICIAL, OFFICIAL_IDEFICS2])
def test_fifty_tokens_but_for_letters_of_idefics2_without_a_picture(protocol):
    for task in Task:
        for modality in (IMAGE, TEXT):
            asked = asking(protocol, task, modality)
            written = asked.letter_response or asked.response
            short = (protocol, task, modality) == (OFFICIAL_IDEFICS2, Task.CLASSIFICATION, TEXT)
            assert written.max_new_tokens == (5 if short else 50)
            assert asked.scored == {}
            assert (asked.letter_response is None) == (task is not Task.CLASSIFICATION)
            letter = task is Task.CLASSIFICATION
            assert written.stop is (Stop.FIRST_WORD if letter else Stop.END_TOKEN)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_stopped_answer_is_read_as_the_full_one(answer):
    tokenizer = byte_tokenizer()
    rule = StopRule(tokenizer, (tokenizer.eos_token_id,))
    written = asking(OFFICIAL, Task.CLASSIFICATION, TEXT).letter_response
    tokens = tokenizer(answer)["input_ids"]
    stopped = tokens and rule.truncate(tokens, written.stop, written.max_new_tokens)[0]
    assert written.read(rule.text(stopped)) == written.read(answer)
