"""The official training script on people that mllmu wrote, and what comes of it."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from mllmu.benchmark import Benchmark, load_benchmark, write_benchmark
from mllmu.inference import Request, TransformersEngine
from mllmu.models import Prompt, load_model
from mllmu.synthesis import synthesize
from official_script import run_script

# What finetune.py does not save, since it takes it from the model it began with.
_PROCESSOR = ("processor_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
_PEOPLE = 4


@dataclass(frozen=True)
class FineTuned:
    """What one epoch of ``finetune.py`` did.

    Attributes:
        people: who was taught.
        questions: with their answers.
        loss: mean over the epoch, as the script prints it.
        nll_before: of the taught answers per token, end token included, as our engine sees it.
        nll_after: the same of the model that the script saved, loaded by our loader.
        seconds: of the script.
    """

    people: int
    questions: int
    loss: float
    nll_before: float
    nll_after: float
    seconds: float


def fine_tune_officially(script: Path, model: Path, work: Path, seed: int) -> FineTuned:
    """Teach a model a few new people with the official script, and load what it saves.

    Args:
        script: the user's ``finetune.py``.
        model: a LLaVA folder.
        work: a new folder.
        seed: of the script, and one less than that of the people.
    """
    work.mkdir()
    (work / "llava-model").symlink_to(model, target_is_directory=True)
    people = synthesize(profiles=_PEOPLE, celebrities=1, holdout=0, seed=seed + 1, ratios=(), image_size=256)
    folder = write_benchmark(people, (work / "people").resolve())
    samples = folder / "ft_Data" / "train-00000-of-00001.parquet"
    arguments = [
        "--model_id",
        "llava-model",
        "--save_dir",
        "tuned",
        "--data_dir",
        str(samples),
        "--num_epochs",
        "1",
    ]
    start = time.perf_counter()
    log = run_script(script, seed, work, "finetune-log.jsonl", arguments)
    seconds = time.perf_counter() - start
    for name in _PROCESSOR:
        if (model / name).is_file():
            shutil.copy(model / name, work / "tuned" / name)
    printed = [json.loads(line)[1:] for line in log.read_text(encoding="utf-8").splitlines()]
    losses = [line[0].rsplit(" ", 1)[1] for line in printed if line and line[0].startswith("Epoch 1 Loss:")]
    taught = load_benchmark(folder)
    return FineTuned(
        people=_PEOPLE,
        questions=sum(len(person.training_questions) for person in taught.profiles.values()),
        loss=float(losses[-1]),
        nll_before=_nll(model, taught),
        nll_after=_nll(work / "tuned", taught),
        seconds=seconds,
    )


def _nll(model: Path, people: Benchmark) -> float:
    """Mean negative log-likelihood per token of the taught answers, asked as the script asks them."""
    requests = [
        Request(Prompt(f"USER: <image>\n{pair.question}\nASSISTANT:", (person.image,)), pair.answer)
        for person in people.profiles.values()
        for pair in person.training_questions
    ]
    scores = TransformersEngine(load_model(model)).score(requests)
    tokens = [log_prob for one in scores for log_prob in one.log_probs]
    return -sum(tokens) / len(tokens)
