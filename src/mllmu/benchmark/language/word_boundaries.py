"""Where words end in scripts that put no blanks between them."""

WITHOUT_BLANKS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters, kana and what goes with them
)
"""Ranges of characters of such scripts, for a class of a regular expression."""

HANGUL = "\uac00-\ud7af"
"""Korean has blanks, but appends endings to letters of other scripts, as in "B입니다"."""
