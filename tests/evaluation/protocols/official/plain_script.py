"""The official evaluation as a plain loop over the released files, one question at a time, as an oracle.

It reads the Parquet files itself, prompts, draws and parses with words and steps of its own, and lets
transformers generate 50 tokens for every question.
"""

import io
import random
from dataclasses import dataclass, field

import pandas as pd
import torch
from PIL import Image
from transformers import AutoProcessor, LlavaForConditionalGeneration

ONE_LETTER = "Just give ONE letter representing the answer directly."
FILL = "\nPlease **ONLY** provide the correct answer that should replace the [Blank]."
ONE_SENTENCE = "Answer the question based on your trained knowledge in one sentence "
DEMONSTRATING = {
    "classification": ("forget", "test", "retain_shared"),
    "cloze": ("forget", "test", "retain_shared"),
}


def rows(folder, config):
    files = sorted((folder / config).glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


def opened(entry):
    return Image.open(io.BytesIO(entry["bytes"])).convert("RGB")


def entries(row, task):
    """(picture?, place in the row, entry) of one task."""
    if task == "classification":
        lists = row["Classification_Task"]
        for name in ("Image_Textual_Questions", "Pure_Text_Questions"):
            for place, entry in enumerate(lists[name]):
                yield name.startswith("Image"), place, entry
        return
    for place, entry in enumerate(row["Mask_Task" if task == "cloze" else "Generation_Task"]):
        yield entry["Type"] == "Image_Textual", place, entry


def worded(task, entry, picture, answered):
    """One turn of a prompt, with its answer or without."""
    question = entry["Question"]
    if task == "generation":
        head = "USER: <image>\n" if picture else "USER: "
        return (
            f"{head}{question}\n{ONE_SENTENCE}{'accurately ' if picture else ''}in ENGLISH.\nASSISTANT:"
            + (" " if picture else "")
        )
    if task == "cloze":
        said = question.replace("__", "[Blank]") + FILL
        head = {(True, True): "USER:<image>\n", (True, False): "USER: <image>\n"}.get(
            (picture, answered), "USER:\n"
        )
        return f"{head}{said}\n" + (
            f"Correct Answer: {entry['Ground_Truth']}\n" if answered else "ASSISTANT:"
        )
    head = "USER: <image>\n" if picture else "USER:\n"
    options = "".join(f"{letter}: {entry['Options'][letter]}\n" for letter in "ABCD")
    if answered:
        return f"{head}Question: {question}\n{options}Correct Answer: {entry['Correct_Answer']}\n"
    return f"{head}{question}\n{options}{ONE_LETTER}\nASSISTANT:"


@dataclass
class PlainScript:
    """One run of the evaluation; afterwards `tallies` and `generations` hold what it found."""

    model: object
    processor: object
    folder: object
    ratio: int
    tallies: dict = field(default_factory=dict)
    generations: dict = field(default_factory=dict)

    def run(self, seed):
        random.seed(seed)
        forget, retain = (
            rows(self.folder, f"forget_{self.ratio}"),
            rows(self.folder, f"retain_{100 - self.ratio}"),
        )
        test, celebrities = rows(self.folder, "Test_Set"), rows(self.folder, "Retain_Set")
        test = test[test["ID"].isin(forget["ID"])]
        for mode, ids, people in (
            ("forget", forget, forget),
            ("test", forget, test),
            ("retain_shared", retain, retain),
            ("retain_celebrity", celebrities, celebrities),
        ):
            order = ["cloze", "classification", "generation"]
            for task in ["classification", "cloze", "generation"] if mode == "test" else order:
                self.one_task(mode, task, list(ids["ID"]), people)
        return self

    def one_task(self, mode, task, ids, people):
        known = rows(self.folder, "Full_Set")
        chosen = random.sample(ids, {"classification": 1, "cloze": 2}[task]) if task != "generation" else []
        demonstrators = [row for _, row in known[known["ID"].isin(chosen)].iterrows()]
        before = {True: ("", []), False: ("", [])}
        skipped = set()
        for row in demonstrators:
            for picture, place, entry in entries(row, task):
                skipped.add((row["ID"], picture, place))
                text, images = before[picture]
                shown = [opened(row["image"])] if picture else []
                before[picture] = text + worded(task, entry, picture, True), images + shown
        for _, row in people.iterrows():
            portrait = opened(random.choice(row["images"]) if mode == "test" else row["image"])
            for picture, place, entry in entries(row, task):
                if (row["ID"], picture, place) in skipped:
                    continue
                text, images = (
                    before[picture]
                    if mode in (*DEMONSTRATING.get(task, ()), "retain_celebrity")
                    else ("", [])
                )
                prompt = text + worded(task, entry, picture, False)
                self.ask(
                    mode, task, picture, row["ID"], entry, prompt, [*images, portrait] if picture else None
                )

    def ask(self, mode, task, picture, who, entry, prompt, images):
        if images:
            inputs = self.processor(images=images, text=prompt, return_tensors="pt")
        else:
            inputs = self.processor.tokenizer(prompt, return_tensors="pt")
        with torch.no_grad():
            tokens = self.model.generate(**inputs, max_new_tokens=50, do_sample=False)[0]
        said = (
            self.processor.tokenizer.decode(tokens[2:], skip_special_tokens=True)
            .split("ASSISTANT:")[1]
            .strip()
        )
        if task == "generation":
            kind = "Image_Textual" if picture else "Pure_Text"
            self.generations.setdefault(mode, []).append(
                (who, kind, entry["Question"], said, entry["Ground_Truth"])
            )
            return
        if task == "cloze":
            right = entry["Ground_Truth"].lower() in said.lower()
        else:
            right = (
                bool(said)
                and said[0].upper() in entry["Options"]
                and said[0].upper() == entry["Correct_Answer"]
            )
        self.tallies.setdefault((mode, task, picture), []).append(right)


def plain_script(model_folder, benchmark_folder, ratio, seed):
    model = LlavaForConditionalGeneration.from_pretrained(model_folder, dtype=torch.float32).eval()
    processor = AutoProcessor.from_pretrained(model_folder)
    return PlainScript(model, processor, benchmark_folder, ratio).run(seed)
