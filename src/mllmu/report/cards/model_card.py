"""The card of a model that is given away: what it is, how it scores beside retrained, and what that tells."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mllmu.markdown_text import plain_markdown
from mllmu.report.cards.card_scores import asked_of, attack_grids, score_grid
from mllmu.report.cards.model_facts import ModelFacts
from mllmu.report.names import MODALITY_TITLES, SET_TITLES, full_title, question_title
from mllmu.report.numbers.scores import Scores
from mllmu.report.tables.formats.markdown import to_markdown
from mllmu.report.tables.grid import Grid
from mllmu.unlearning import METHODS
from mllmu.unlearning.lineage import RETRAINED_LINEAGE

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, ModelCard

_ARXIV = re.compile(r"arXiv (\d{4}\.\d{4,5})")
_UNLEARNED_ON = {
    "image_text": "questions with the portrait (image + text)",
    "text": "questions by name (text)",
    "both": "questions with the portrait (image + text) and by name (text)",
}
_TASKS = {"image_text": "image-text-to-text", "text": "question-answering"}


def model_card(repository: str, facts: ModelFacts, scores: Scores | None) -> ModelCard:
    """Return a model's card, with its scores in the header where the hub looks for them.

    Args:
        repository: where it will be, ``owner/name``.
        facts: what is known of the model.
        scores: as from `read_model_scores`; None where it was not asked.

    Example:
        ::

            model_card("owner/npo", facts, read_model_scores(folder, facts.lineage, 0)).save("README.md")
    """
    from huggingface_hub import ModelCard, ModelCardData

    people, lineage = facts.people, facts.lineage
    tags = ["mllmu", "machine-unlearning", lineage.model, *([lineage.method] if lineage.method else [])]
    header = ModelCardData(
        language="en",
        library_name="peft" if facts.is_adapter else "transformers",
        pipeline_tag="image-text-to-text",
        base_model=facts.base_on_hub or None,
        datasets=[people.on_hub] if people and people.on_hub else None,
        tags=[*tags, *(["fictitious-people"] if people and people.are_made_up else [])],
        model_name=repository.split("/")[-1],
        eval_results=None if scores is None else list(_eval_results(facts, scores)),
    )
    return ModelCard(f"---\n{header.to_yaml()}\n---\n\n{_text(repository, facts, scores)}")


def _text(repository: str, facts: ModelFacts, scores: Scores | None) -> str:
    environment = Environment(
        loader=PackageLoader("mllmu.report", "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        finalize=_escaped,
    )
    environment.filters["recipe_form"] = _recipe_form
    lineage = facts.lineage
    tables: list[Grid] = []
    attacks: list[Grid] = []
    if scores is not None:
        scored, conditions = facts.in_tables, scores.conditions
        tables = [score_grid(scores, each, scored) for each in conditions]
        attacks = [grid for each in conditions for grid in attack_grids(scores, each, scored)]
    return environment.get_template("model_card.md.j2").render(
        facts=facts,
        title=full_title(lineage) if lineage.steps else repository,
        unlearned_on=_UNLEARNED_ON.get(lineage.unlearn_modality, lineage.unlearn_modality),
        method=METHODS.get(lineage.method) if lineage.method in METHODS.names() else None,
        method_source=_linked_source(lineage.method),
        tables=[Markup(to_markdown(grid)) for grid in tables],
        attacks=[Markup(to_markdown(grid)) for grid in attacks],
        # The form of a repository's name leaves nothing to escape, and code shows backslashes as they are.
        repository=Markup(repository),
        base_on_hub=Markup(facts.base_on_hub),
    )


def _escaped(value: object) -> object:
    """Every value of the template as plain text, but for what is Markdown by design."""
    return value if isinstance(value, Markup) else plain_markdown(value)


def _recipe_form(value: object) -> str:
    """A setting's value as a recipe has it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _linked_source(method: str) -> Markup:
    """Where a method is published, arXiv ids as links; empty for a method that is not installed here."""
    source = METHODS.get(method).source if method in METHODS.names() else ""
    return Markup(_ARXIV.sub(r"[arXiv \1](https://arxiv.org/abs/\1)", plain_markdown(source)))


def _eval_results(facts: ModelFacts, scores: Scores) -> Iterator[EvalResult]:
    """The model's scores for the header, each with its interval and the retrained model's score."""
    from huggingface_hub import EvalResult

    name = facts.people.benchmark if facts.people else "MLLMU benchmark"
    dataset = (facts.people.on_hub if facts.people else "") or "mllmu"
    for condition in scores.conditions:
        for eval_set, modality, metric in asked_of(scores, condition, facts.in_tables):
            own = scores.find(facts.in_tables, condition, eval_set, modality, metric)
            retrained = scores.find(RETRAINED_LINEAGE, condition, eval_set, modality, metric)
            assert own is not None
            beside = {} if retrained is None else {"retrained": round(retrained.value, 4)}
            ends = [round(end, 4) for end in (own.low, own.high) if not math.isnan(end)]
            yield EvalResult(
                task_type=_TASKS[modality],
                task_name=question_title(metric.task, modality),
                dataset_type=dataset,
                dataset_name=f"{name}: {SET_TITLES[eval_set]}, {MODALITY_TITLES[modality].lower()}",
                dataset_config=f"forget_{condition.forget_ratio}_{condition.protocol}",
                dataset_split=f"{eval_set}_{modality}",
                metric_type=metric.key,
                metric_name=f"{metric.title} ({metric.task})",
                metric_value=round(own.value, 4),
                metric_args={"n": own.n, **({"interval_95": ends} if ends else {}), **beside},
            )
