"""Data class of the features that identify a drawn person."""

from dataclasses import dataclass

ANCESTRIES = (
    "european",
    "east_asian",
    "south_asian",
    "african",
    "middle_eastern",
    "latin",
    "southeast_asian",
)


@dataclass(frozen=True)
class Appearance:
    """Identity features of one drawn person; the same in every picture of them.

    Clothes and background are those of the original portrait; other views have their own.

    Colours are ``#rrggbb``; sizes are factors around 1; other shares lie in 0..1 unless a comment says
    otherwise.
    """

    skin: str
    face_width: float
    face_length: float
    jaw: float
    chin: float
    cheeks: float
    ear_size: float
    body_width: float

    hair_style: str
    hair_color: str
    hair_volume: float
    hair_parting: float  # -1 (picture left) .. 1
    hairline: float  # 0 low forehead .. 1 high forehead

    eye_color: str
    eye_size: float
    eye_spacing: float
    eye_openness: float
    eye_tilt: float  # degrees; positive lifts the outer corner
    lashes: float
    eye_shadow: str  # "" = none
    brow_color: str
    brow_thickness: float
    brow_arch: float
    brow_tilt: float  # -1 .. 1

    nose_width: float
    nose_length: float
    mouth_width: float
    lip_fullness: float
    lip_color: str

    freckles: float
    moles: tuple[tuple[float, float], ...]  # face coordinates, thousandths of the picture
    wrinkles: float
    blush: float

    beard_style: str
    beard_color: str
    glasses_style: str
    glasses_color: str
    earring_style: str
    necklace_style: str
    jewellery_color: str

    clothes_style: str
    clothes_color: str
    clothes_accent: str
    clothes_pattern: str
    headwear_style: str
    headwear_color: str

    background_color: str
    background_accent: str
    background_pattern: str
