"""What the tables of a run are called, and the note that stands under all of them."""

from __future__ import annotations

from mllmu.report.names import unlearn_title
from mllmu.report.numbers.scores import Condition, Scores


def notes(scores: Scores) -> str:
    """Return what brackets and n mean, and what sets ask where some facts alone are to be forgotten."""
    counts = {len(scores.seeds_of(condition)) for condition in scores.conditions}
    several = f"{max(counts)} seeds" if len(counts) == 1 else "seeds, where there are several"
    seeds = f", with the spread of {several}" if max(counts, default=0) > 1 else ""
    facts = (
        " Forget and Test ask for the facts to be forgotten, Same person for others of the same people."
        if scores.names_facts
        else ""
    )
    return (
        "In brackets is the 95 % interval over people (of accuracies Korn and Graubard's, of other scores "
        f"from resampling){seeds}; [–] where it is unknown, as with a single person. n counts questions, "
        f"each once per portrait, and after it stands how many people they are about.{facts}"
    )


def table_title(condition: Condition, unlearn_modality: str, scores: Scores) -> str:
    """Return the heading of a table, with the protocol where there are several."""
    title = f"Forgetting {condition.forget_ratio} %"
    if unlearn_modality:
        title += f", unlearned on {unlearn_title(unlearn_modality).lower()}"
    if len({each.protocol for each in scores.conditions}) > 1:
        title += f" (protocol {condition.protocol})"
    return title


def file_name(condition: Condition, unlearn_modality: str, scores: Scores) -> str:
    """Return the name of a table's file before its suffix: letters, digits, ``-`` and ``_``."""
    parts = [f"forget_{condition.forget_ratio}", unlearn_modality]
    if len({each.protocol for each in scores.conditions}) > 1:
        parts.append(condition.protocol)
    name = "-".join(part for part in parts if part)
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)
