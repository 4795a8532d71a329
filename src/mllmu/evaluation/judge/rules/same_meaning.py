"""Different words for one thing, put into one wording before texts are compared.

The list was made by going over the values that generated people have, not over any answers.
"""

from __future__ import annotations

import re

from mllmu.evaluation.judge.rules.texts import plain

# The wording that counts: other wordings of it. All are plain; longer ones are replaced first.
_WORDINGS = {
    # Jobs.
    "lawyer": "attorney|solicitor|barrister",
    "taxi": "cab",
    "truck": "lorry",
    "pharmacist": "dispensing chemist|druggist|apothecary",
    "pediatrician": "paediatrician|children's doctor",
    "hairdresser": "hair stylist|hairstylist",
    "postman": "mailman|mail carrier|letter carrier",
    "police officer": "policeman|policewoman|cop",
    "firefighter": "fireman",
    "salesman": "sales representative|salesperson",
    "software engineer": "software developer|programmer|coder",
    "flight attendant": "stewardess|air hostess|cabin crew",
    "veterinarian": "vet|veterinary surgeon|animal doctor",
    "real estate agent": "estate agent|realtor",
    "school principal": "headmistress|headteacher|head teacher",
    "elementary": "primary",
    "kindergarten": "nursery school|preschool",
    "accountant": "bookkeeper",
    "car mechanic": "auto mechanic|motor mechanic",
    "shopkeeper": "shop owner|store owner",
    "waitress": "server in a restaurant",
    "optician": "optometrist",
    "physiotherapist": "physical therapist",
    "anesthesiologist": "anaesthetist|anaesthesiologist",
    "jeweler": "jeweller",
    "cafe": "coffee shop",
    "math": "maths|mathematics",
    "footballer": "soccer player|football player",
    "zookeeper": "zoo keeper",
    "midwife": "midwives",
    "advisor": "adviser|consultant",
    # Health.
    "high blood pressure": "hypertension",
    "hay fever": "allergic rhinitis|pollen allergy",
    "celiac disease": "coeliac disease|gluten intolerance",
    "color": "colour",
    "color blindness": "colorblind|color blind|daltonism",
    "migraines": "migraine headaches",
    "epilepsy": "epileptic",
    "asthma": "asthmatic",
    "arthritis": "arthritic",
    # Free time.
    "playing the cello": "cellist",
    "stargazing": "watching the stars|looking at stars",
    "rock climbing": "rock climber",
    "bird watching": "birding|birdwatching|watching birds",
    "kite": "kites",
    "horseback riding": "horse riding",
    "table tennis": "ping pong|ping-pong",
    "keeping bees": "beekeeping|beekeeper",
    "jewelry": "jewellery",
    "snowboarding": "snowboard",
    "practicing": "practising",
    "origami": "paper folding",
    "scuba": "scuba-",
    "distance running": "long distance running|long-distance running",
    # Food.
    "eggplant": "aubergine",
    "fish and chips": "fish & chips|fish n chips|fish 'n' chips",
    "macaroni and cheese": "mac and cheese|mac & cheese|macaroni cheese",
    "chili": "chilli",
    "meatballs": "meat balls",
    # Animals.
    "dog": "puppy|hound",
    "cat": "kitten",
    "rabbit": "bunny",
    "turtle": "tortoise",
    "parrot": "budgie|parakeet",
    # Countries, by the names of the catalogue.
    "united states": "usa|u.s.a.|u.s.|united states of america|america",
    "united kingdom": "uk|u.k.|great britain|britain|england|scotland|wales|northern ireland",
    "netherlands": "holland",
    "south korea": "republic of korea|korea",
    "turkey": "turkiye",
    "czech republic": "czechia",
    "germany": "german",
    "austria": "austrian",
    "france": "french",
    "spain": "spanish",
    "argentina": "argentine|argentinian",
    "italy": "italian",
    "portugal": "portuguese",
    "brazil": "brazilian|brasil",
    "sweden": "swedish",
    "norway": "norwegian",
    "poland": "polish",
    "greece": "greek",
    "ireland": "irish",
    "japan": "japanese",
    "vietnam": "vietnamese",
    "mexico": "mexican",
    "colombia": "colombian",
    "canada": "canadian",
    "australia": "australian",
    "india": "indian",
    "kenya": "kenyan",
    "egypt": "egyptian",
}
_WANTED = {other: wording for wording, others in _WORDINGS.items() for other in others.split("|")}
# The wordings that count stand in it too, so that "korea" is not looked for inside of "south korea".
_WANTED |= {wording: wording for wording in _WORDINGS}
_ANY = re.compile(
    r"(?<![\w])(?:" + "|".join(map(re.escape, sorted(_WANTED, key=len, reverse=True))) + r")(?!\w)(?:'s)?"
)


def in_one_wording(text: str) -> str:
    """`text`, plain, with each thing of the list in its one wording."""
    return _ANY.sub(lambda match: _WANTED[match[0].removesuffix("'s")], plain(text))
