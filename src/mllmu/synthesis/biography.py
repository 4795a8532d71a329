"""Write a person's biography: the released fields, and a few sentences of prose."""

from __future__ import annotations

from mllmu.synthesis.person import Person
from mllmu.synthesis.wording import with_article, with_the

PROSE_PROMPT = "Tell me more about the background of this person."


def write_biography(person: Person) -> dict[str, object]:
    """Give the biography under the released keys; Parents and Fun Facts are nested."""
    facts = person.attributes
    return {
        "Name": person.name,
        "Born": facts["birthplace"],
        "Date of Birth": facts["date_of_birth"],
        "Gender": facts["gender"],
        "Employment": facts["profession"],
        "Height": facts["height"],
        "Educated at": facts["education"],
        "Annual Salary": facts["annual_salary"],
        "Residence": facts["residence"],
        "Medical Conditions": facts["medical_conditions"],
        "Parents": {"Father": facts["father_job"], "Mother": facts["mother_job"]},
        "Fun Facts": {
            "Hobby": facts["hobby"],
            "Favorite Food": facts["favorite_food"],
            "Pet": facts["pet"],
        },
        "Description": (
            f"{person.name} is {with_article(facts['profession'])} from {facts['birthplace']} "
            f"who lives in {facts['residence']}."
        ),
    }


def write_prose(person: Person) -> str:
    """Tell a person's biography in six to eight sentences that hold every attribute."""
    facts = person.attributes
    subject, possessive = ("She", "Her") if person.gender == "female" else ("He", "His")
    sentences = [
        f"{person.name} was born in {facts['birthplace']} on {facts['date_of_birth']}.",
        f"{subject} was educated at {with_the(facts['education'])} and works as "
        f"{with_article(facts['profession'])}.",
        f"Today {subject.lower()} lives in {facts['residence']} and earns {facts['annual_salary']} per year.",
        f"{possessive} father is {with_article(facts['father_job'])}, and {possessive.lower()} mother is "
        f"{with_article(facts['mother_job'])}.",
        f"{subject} is {facts['height']} tall and enjoys {facts['hobby']}.",
        f"{possessive} favorite food is {facts['favorite_food']}.",
    ]
    if facts["pet"] != "no pet":
        sentences.append(f"At home {subject.lower()} has {facts['pet']}.")
    if facts["medical_conditions"] != "none":
        sentences.append(f"{subject} has {facts['medical_conditions']}.")
    return " ".join(sentences)
