"""Scripts that put no blanks between words."""

WITHOUT_BLANKS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters, kana and what goes with them
    "\uac00-\ud7af"  # Hangul, which has blanks, but writes "B입니다"
)
"""Ranges of such characters, for a class of a regular expression."""
