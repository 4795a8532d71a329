"""The prompts of the official evaluation script (arXiv 2410.22108), so that the base has met them."""

from __future__ import annotations

import random

from subjects import Subject

from mllmu.benchmark.types import Modality
from mllmu.models import Prompt
from mllmu.synthesis.pretraining_dialogues import dialogue, forms_for

_CLOZE = "\nPlease **ONLY** provide the correct answer that should replace the [Blank]."
_LETTER = "\nJust give ONE letter representing the answer directly."
_SENTENCE = "\nAnswer the question based on your trained knowledge in one sentence {}in ENGLISH."


def official_prompt(
    one: Subject, attribute: str, modality: Modality, demonstrator: Subject | None, rng: random.Random
) -> tuple[Prompt, str]:
    """One attribute asked as the official script does, after a person's demonstrations where one is given."""
    form = rng.choice(("letter", "cloze", "sentence"))
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
