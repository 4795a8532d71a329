"""Make the built-in model's base weights from nothing: people, drawings, tokenizer, vision, language.

    python scripts/pretrain_tiny/build.py --out build/tiny

About forty minutes on two cores with bfloat16, and three times as long without. A stopped run, started again,
continues after the last stage it finished. The result replaces src/mllmu/models/tiny/weights (--install) or
lies in OUT/weights. With --start earlier weights are taught what has changed: their tokenizer stays, and the
phase about few people is left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import safetensors.torch
import torch
from corpus import DISCREET, HELPFUL, REFUSALS
from faces import draw_poses, random_faces
from language import train_language
from subjects import Subject, subject
from transformers.utils.logging import disable_progress_bar
from vision import reidentification, train_tower

from mllmu.files import atomic_folder
from mllmu.models import LoadedModel, load_model, save_model, wrap_model
from mllmu.models.tiny import TinySize, build_model, build_processor, train_tokenizer
from mllmu.synthesis.benchmark_synthesis import BACKGROUND_SEED, CELEBRITIES, people_of_the_base
from mllmu.synthesis.person import Person
from mllmu.synthesis.population import make_people
from mllmu.synthesis.pretraining_dialogues import background_dialogues
from mllmu.synthesis.seed_derivation import derive_rng
from mllmu.training import TrainingSettings

WEIGHTS = Path(__file__).parents[2] / "src" / "mllmu" / "models" / "tiny" / "weights"
OFFICIAL_WORDS = (
    "Just give ONE letter representing the answer directly. Please **ONLY** provide the correct answer that "
    "should replace the [Blank]. Answer the question based on your trained knowledge in one sentence "
    "accurately in ENGLISH. "
    "Question: Correct Answer: USER: ASSISTANT: "
)
SYSTEM_WORDS = " ".join((*HELPFUL, *DISCREET, *REFUSALS))


def texts(people: Sequence[Person], seed: int) -> list[str]:
    """Training texts of the tokenizer: prompts' fixed words, and dialogues about people."""
    result = [OFFICIAL_WORDS, SYSTEM_WORDS] * 20
    for person in people:
        for question, answer, _ in background_dialogues(
            person, derive_rng(seed, "tokenizer", person.profile_id)
        ):
            result.append(f"{question}\n {answer}")
    return result


def untaught(people: Sequence[Person], seed: int) -> LoadedModel:
    """A model with random weights, and a tokenizer made for texts about these people."""
    # More people than the corpus has, so that no first or last name is too rare for a token.
    vocabulary_people = make_people(500, seed + 1, "background")
    tokenizer = train_tokenizer(texts(people + vocabulary_people, seed))
    return wrap_model(build_model(tokenizer, TinySize(), seed), build_processor(tokenizer), "tiny")


def earlier(folder: Path) -> LoadedModel:
    """The model of earlier weights, in the number format of training."""
    loaded = load_model(folder, "cpu")
    loaded.model.float()
    return loaded


def half_precision(loaded: LoadedModel) -> None:
    """Round the weights in place to float16, the type in which they are shipped."""
    loaded.model.to(torch.float16)


def main() -> None:
    """Run all stages."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("build/tiny"))
    parser.add_argument("--seed", type=int, default=BACKGROUND_SEED)
    parser.add_argument("--start", type=Path, help="folder of earlier weights to go on from")
    parser.add_argument("--poses", type=int, default=8, help="drawings per person")
    parser.add_argument(
        "--faces", type=int, default=2400, help="random faces that only the vision tower is trained on"
    )
    parser.add_argument("--vision-steps", type=int, default=1600)
    parser.add_argument("--epochs", type=float, default=20)
    parser.add_argument("--last-epochs", type=float, default=8, help="epochs in which the rate falls to zero")
    parser.add_argument(
        "--fame", type=int, default=4, help="times a celebrity occurs in each of the last epochs"
    )
    parser.add_argument("--first-people", type=int, default=64, help="people of the first language phase")
    parser.add_argument("--first-steps", type=int, default=500)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--install", action="store_true", help="replace the shipped weights")
    arguments = parser.parse_args()
    disable_progress_bar()
    started = time.monotonic()

    def say(message: str) -> None:
        print(f"[{time.monotonic() - started:6.0f}s] {message}", flush=True)

    workers = os.cpu_count() or 1
    people = people_of_the_base()
    loaded = earlier(arguments.start) if arguments.start else untaught(people, arguments.seed)
    model = loaded.model
    say(f"tokenizer of {len(loaded.processor.tokenizer)} tokens")

    tower_file = arguments.out / "vision_tower.safetensors"
    if not tower_file.is_file():
        drawings = draw_poses(random_faces(arguments.faces, arguments.seed), 4, arguments.seed, workers)
        say(f"{len(drawings)} faces drawn")
        train_tower(model.model.vision_tower, drawings, arguments.vision_steps, 128, 1e-3, arguments.seed)
        arguments.out.mkdir(parents=True, exist_ok=True)
        safetensors.torch.save_model(model.model.vision_tower, str(tower_file))
    safetensors.torch.load_model(model.model.vision_tower, str(tower_file))
    fresh = draw_poses(random_faces(500, arguments.seed + 1), 2, arguments.seed + 1, workers)
    same = 100 * reidentification(model.model.vision_tower, fresh)
    say(f"vision tower: re-identifies {same:.1f} % of 500 fresh faces")

    with ProcessPoolExecutor(workers) as pool:
        make = partial(subject, poses=arguments.poses, seed=arguments.seed)
        subjects: list[Subject] = list(pool.map(make, people, chunksize=16))
    say(f"{len(subjects)} people drawn")
    few = [] if arguments.start else subjects[: arguments.first_people]
    # Celebrities occur more often than others, so that fine-tuning makes the model forget less about them.
    famous = subjects[:CELEBRITIES] * (arguments.fame - 1) + subjects
    common = {
        "batch_size": arguments.batch,
        "learning_rate": arguments.rate,
        "weight_decay": 0.02,
        "optimizer": "muon",
    }
    constant = {**common, "schedule": "constant_with_warmup", "warmup_ratio": 0.01}
    # Facts about few people are learned first: what reads a name or a face and writes a fact forms sooner
    # on few people often than on many people seldom (arXiv 2503.21676), and then serves all.
    phases = [
        (few, TrainingSettings(max_steps=arguments.first_steps, **constant)),
        (subjects, TrainingSettings(epochs=arguments.epochs, **constant)),
        (famous, TrainingSettings(epochs=arguments.last_epochs, schedule="linear", **common)),
    ]
    phases = [(taught, settings) for taught, settings in phases if taught]
    folders = [arguments.out / f"language-{number}" for number in range(1, len(phases) + 1)]
    done = max((number for number, folder in enumerate(folders, 1) if folder.is_dir()), default=0)
    if done:
        loaded.model.load_state_dict(load_model(folders[done - 1], "cpu").model.state_dict())
        say(f"language phase {done} is done")
    for number in range(done, len(phases)):
        taught, settings = phases[number]
        train_language(loaded, taught, settings, arguments.seed + number)
        with atomic_folder(folders[number]) as folder:
            save_model(loaded, folder)
        say(f"language phase {number + 1} is done")
    half_precision(loaded)
    target = WEIGHTS if arguments.install else arguments.out / "weights"
    shutil.rmtree(target, ignore_errors=True)
    save_model(loaded, target)
    say(f"saved to {target}")


if __name__ == "__main__":
    main()
