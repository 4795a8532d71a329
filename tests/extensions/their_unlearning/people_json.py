"""A folder with one JSON list of image, question and answer."""

from __future__ import annotations

import json
from pathlib import Path

from mllmu.benchmark import (
    Benchmark,
    FolderLayout,
    LoadReport,
    Modality,
    Profile,
    Question,
    Task,
    TrainingQuestion,
)


class PeopleJson(FolderLayout):
    name = "people-json"
    title = "a people.json beside its images"

    def recognizes(self, folder: Path) -> bool:
        return (folder / "people.json").is_file()

    def read(self, folder: Path, report: LoadReport) -> Benchmark:
        entries = json.loads((folder / "people.json").read_text(encoding="utf-8"))
        profiles = {entry["id"]: _profile(entry, folder) for entry in entries}
        return Benchmark(folder.name, profiles, celebrities={}, holdout={}, splits={})


def _profile(entry: dict[str, str], folder: Path) -> Profile:
    image = (folder / entry["image"]).read_bytes()
    questions = tuple(
        Question(
            question_id=f"{entry['id']}/{view}/{modality}",
            profile_id=entry["id"],
            task=Task.GENERATION,
            modality=modality,
            text=entry["question"].replace("this person", entry["name"])
            if modality is Modality.TEXT
            else entry["question"],
            answer=entry["answer"],
            value=entry["answer"],
        )
        for view in ("original", "test")
        for modality in Modality
    )
    return Profile(
        entry["id"],
        entry["name"],
        {"Name": entry["name"]},
        image,
        questions[:2],
        test_images=(image,),
        test_questions=questions[2:],
        training_questions=(TrainingQuestion(entry["id"], entry["question"], entry["answer"]),),
    )


PEOPLE_JSON = PeopleJson()
