"""``mllmu push model``: a model with its card, ready to be sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mllmu.errors import UserError
from mllmu.models.storage.model_check import check_model
from mllmu.models.storage.model_settings import read_settings
from mllmu.models.storage.stored_digests import adapter_digest, model_digest
from mllmu.report.cards.card_scores import read_model_scores
from mllmu.report.cards.model_card import model_card
from mllmu.report.cards.model_facts import ModelFacts
from mllmu.report.numbers.scores import Scores
from mllmu.study.finished_run.named_models import finished_recipe, is_folder_alone, named_model
from mllmu.study.pushing.model_files import ModelFiles, model_files
from mllmu.study.pushing.prepared_push import CARD_FILE, PreparedPush, require_repository_name
from mllmu.study.pushing.run_model import model_of_weights, run_model, shown_source
from mllmu.study.steps.evaluation_note import require_evaluated
from mllmu.study.steps.lineage_note import LINEAGE_FILE, named_lineage, read_lineage, write_lineage


@contextmanager
def prepared_model(
    model: str | Path,
    to: str,
    run: Path | None = None,
    scores: Path | None = None,
    is_private: bool = True,
    device: str = "auto",
) -> Iterator[PreparedPush]:
    """Lay out a model and its card as they will be sent; nothing is written to a hub.

    Args:
        model: a model's folder; or, of a run, a method or what its records are called.
        to: the repository, ``owner/name``.
        run: the folder of the finished run that made it, whose scores the card then has.
        scores: without a run, the folder of an evaluation or a report that asked the model.
        is_private: whether a new repository is for its owner alone.
        device: where the run's models were made.

    Yields:
        What will be sent; gone when the block ends.

    Raises:
        UserError: there is no such model, it is damaged, or its base lies on this machine alone; the run or
            the folder of scores does not hold it; or `to` cannot be a repository.

    Example:
        ::

            with prepared_model("npo", "owner/forgetful", run=Path("runs/quick")) as prepared:
                print(prepared.card)
    """
    require_repository_name(to)
    if run is not None and scores is not None:
        raise UserError("A run has scores of its own; expected --run or --scores, not both.")
    files, facts, read = _of_folder(Path(model), scores) if run is None else _of_run(str(model), run, device)
    _require_whole(files)
    settings = read_settings(str(files.folder))
    prompt = ["a system prompt"] if settings.get("system_prompt") else []
    around = (*prompt, *(str(name).partition("-")[2] for name in settings.get("wrappers", [])))
    facts = replace(facts, is_adapter=files.is_adapter, around=around)
    if files.base:
        facts = replace(facts, base=shown_source(files.base), base_on_hub=files.base_on_hub)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in files.sent:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to((files.folder / name).resolve())
        if facts.seed is not None:
            # A run tells its models apart by their stages; whoever has one of them alone needs the note.
            (folder / LINEAGE_FILE).unlink(missing_ok=True)
            write_lineage(facts.lineage, facts.seed, folder)
        model_card(to, facts, read).save(folder / CARD_FILE)
        bases = (files.base_on_hub,) if files.base_on_hub else ()
        yield PreparedPush("model", to, is_private, folder, files.left_out, bases)


def _of_run(model: str, run: Path, device: str) -> tuple[ModelFiles, ModelFacts, Scores]:
    """A model by its name in the run, or a folder that holds the same as one of the run's."""
    recipe = finished_recipe(run)
    if is_folder_alone(recipe, model):
        files = model_files(Path(model))
        of_run = model_of_weights(run, recipe, files.folder, device)
    else:
        of_run = run_model(run, recipe, named_model(recipe, model), device)
        files = model_files(of_run.folder)
    planned = of_run.planned
    return files, of_run.facts, read_model_scores(run, planned.lineage, planned.seed, planned.judged_under)


def _of_folder(folder: Path, scores: Path | None) -> tuple[ModelFiles, ModelFacts, Scores | None]:
    """A model's folder alone, which notes no more than the steps and the seed."""
    files = model_files(folder)
    lineage, seed = read_lineage(str(folder))
    scored_as, scored_seed = named_lineage(str(folder))
    read = None
    if scores is not None:
        read = read_model_scores(scores, scored_as, scored_seed)
        require_evaluated(scores, scored_as, scored_seed, folder)
    return files, ModelFacts(lineage, seed if lineage.steps else None, scored_as), read


def _require_whole(files: ModelFiles) -> None:
    """Read every weight once, which costs little beside sending them.

    Raises:
        UserError: the model lacks files or weights, or they are damaged.
    """
    if files.is_adapter:
        adapter_digest(files.folder, "")
    else:
        check_model(files.folder)
        model_digest(str(files.folder))
