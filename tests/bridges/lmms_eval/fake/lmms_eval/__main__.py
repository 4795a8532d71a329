"""Asks a model of two questions as lmms-eval does, and writes its files; task ``broken`` writes none."""

import argparse
import importlib
import json
import types
from pathlib import Path

from PIL import Image

from mllmu.bridges.lmms_eval.lmms_manifest import manifest

NUMBERS = ("model", "model_args", "tasks", "batch_size", "device", "seed", "limit", "output_path")


def asked(model, questions):
    """What the model answers, question by question."""
    model.task_dict["colours"] = {"test": questions}

    def messages(doc):
        shown = {"type": "image", "url": Image.new("RGB", (32, 32), doc["colour"])}
        return [{"role": "user", "content": [shown, {"type": "text", "text": doc["question"]}]}]

    settings = {"max_new_tokens": 6, "until": ["\n"]}
    return model.generate_until(
        [
            types.SimpleNamespace(args=("", messages, settings, number, "colours", "test"))
            for number in range(len(questions))
        ]
    )


def main():
    parser = argparse.ArgumentParser()
    for name in NUMBERS:
        parser.add_argument(f"--{name}")
    parser.add_argument("--log_samples", action="store_true")
    said = parser.parse_args()
    if said.tasks == "broken":
        return
    module, name = manifest().chat_class_path.rsplit(".", 1)
    settings = dict(pair.split("=", 1) for pair in said.model_args.split(","))
    model = getattr(importlib.import_module(module), name)(
        **settings, batch_size=said.batch_size, max_batch_size=None, device=said.device
    )
    questions = [{"colour": colour, "question": "Where does this person live?"} for colour in ("red", "blue")]
    answers = asked(model, questions)
    folder = Path(said.output_path) / settings["pretrained"].rpartition("/")[2]
    folder.mkdir(parents=True)
    results = {
        "results": {"colours": {"alias": "colours", "exact_match,none": 0.5, "exact_match_stderr,none": 0.5}},
        "n-samples": {"colours": {"original": 2, "effective": 2}},
        "model_name": settings["pretrained"],
        "config": vars(said),
    }
    (folder / "20260101_000000_results.json").write_text(json.dumps(results))
    with (folder / "20260101_000000_samples_colours.jsonl").open("w") as samples:
        for number, answer in enumerate(answers):
            line = {"doc_id": number, "filtered_resps": answer, "exact_match": float(number)}
            samples.write(json.dumps(line) + "\n")


main()
