"""Arithmetic on colours written as ``#rrggbb``."""

import colorsys


def rgb(color: str) -> tuple[int, int, int]:
    """Split ``#rrggbb`` into channels in 0..255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def hex_color(red: float, green: float, blue: float) -> str:
    """Join channels in 0..255 (clamped) into ``#rrggbb``."""
    return "#" + "".join(f"{max(0, min(255, round(c))):02x}" for c in (red, green, blue))


def mix(first: str, second: str, share: float) -> str:
    """Go from ``first`` (share 0) to ``second`` (share 1)."""
    return hex_color(*(a + (b - a) * share for a, b in zip(rgb(first), rgb(second), strict=True)))


def from_hsl(hue: float, saturation: float, lightness: float) -> str:
    """Colour of a hue in degrees, with saturation and lightness in 0..1."""
    red, green, blue = colorsys.hls_to_rgb((hue % 360) / 360, lightness, saturation)
    return hex_color(red * 255, green * 255, blue * 255)


def scale_lightness(color: str, factor: float) -> str:
    """Multiply the HSL lightness by ``factor``; hue and saturation stay."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(c / 255 for c in rgb(color)))
    return from_hsl(hue * 360, saturation, max(0.0, min(1.0, lightness * factor)))


def luminance(color: str) -> float:
    """Perceived brightness in 0..1 (Rec. 601 weights)."""
    red, green, blue = rgb(color)
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def deeper(skin: str, amount: float) -> str:
    """Shadow of a skin tone: darker and redder, as light that has passed through skin is."""
    red, green, blue = rgb(skin)
    return hex_color(red * (1 - 0.55 * amount), green * (1 - 0.8 * amount), blue * (1 - 0.82 * amount))
