"""Prompts as the official evaluation script (arXiv 2410.22108) writes them, for the pre-training corpus."""

from __future__ import annotations

import random

from subjects import Subject

from mllmu.benchmark.types import Modality
from mllmu.models import Prompt
from mllmu.synthesis.pretraining_dialogues import dialogue, forms_for

_CLOZE = "\nPlease **ONLY** provide the correct answer that should replace the [Blank]."
# Letters are not learned at this size, so most of the official questions are blanks.
_FORM_WEIGHTS = {"letter": 0.15, "cloze": 0.55, "sentence": 0.3}
_LETTER = "\nJust give ONE letter representing the answer directly."
_SENTENCE = "\nAnswer the question based on your trained knowledge in one sentence {}in ENGLISH."


def official_prompt(
    one: Subject, attribute: str, modality: Modality, demonstrator: Subject | None, rng: random.Random
) -> tuple[Prompt, str]:
    """A question about one attribute in the official script's wording, and its answer.

    Args:
        one: the person asked about.
        attribute: the attribute asked about.
        modality: whether the question shows a drawing of the person or names the person.
        demonstrator: a person about whom answered questions come first; None for none.
        rng: draws form, wording and drawing.
    """
    form = rng.choices(list(_FORM_WEIGHTS), list(_FORM_WEIGHTS.values()))[0]
    question, answer = dialogue(one.person, attribute, form, modality, rng)
    drawing = (rng.choice(one.drawings),) if modality is Modality.IMAGE_TEXT else ()
    image = "<image>" if drawing else ""
    if form == "sentence":
        start = "USER: <image>\n" if drawing else "USER: "
        return Prompt(
            f"{start}{question}{_SENTENCE.format('accurately ' if drawing else '')}\nASSISTANT:", drawing
        ), answer
    shown, images = _demonstrations(form, modality, demonstrator, rng) if demonstrator else ("", ())
    start = f"USER: {image}\n" if drawing else "USER:\n"
    bare = question.rsplit("\n", 1)[0]
    wording = bare + _LETTER if form == "letter" else bare.replace("__", "[Blank]") + _CLOZE
    return Prompt(f"{shown}{start}{wording}\nASSISTANT:", images + drawing), answer


def _demonstrations(
    form: str, modality: Modality, demonstrator: Subject, rng: random.Random
) -> tuple[str, tuple[bytes, ...]]:
    """Five multiple-choice or two cloze questions about one person, answered."""
    askable = [
        a for a in demonstrator.person.attributes if "letter" in forms_for(demonstrator.person, a, modality)
    ]
    drawing = (demonstrator.drawings[0],) if modality is Modality.IMAGE_TEXT else ()
    image = "<image>" if drawing else ""
    shown = ""
    chosen = rng.sample(askable, 5 if form == "letter" else 2)
    for attribute in chosen:
        question, answer = dialogue(demonstrator.person, attribute, form, modality, rng)
        bare = question.rsplit("\n", 1)[0]
        if form == "letter":
            shown += f"USER: {image}\nQuestion: {bare}\nCorrect Answer: {answer}\n"
        else:
            shown += f"USER:{image}\n{bare.replace('__', '[Blank]')}{_CLOZE}\nCorrect Answer: {answer}\n"
    return shown, drawing * len(chosen)
