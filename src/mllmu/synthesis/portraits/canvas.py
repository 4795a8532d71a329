"""Collect shapes into SVG text."""

from collections.abc import Sequence

from mllmu.synthesis.portraits.colors import hex_color, rgb
from mllmu.synthesis.portraits.geometry import Point
from mllmu.synthesis.portraits.pose import Pose

Stop = tuple[float, str, float]
"""Offset 0..1, colour, opacity 0..1."""


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _pair(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def smooth(points: Sequence[Point], tension: float = 1.0) -> str:
    """Path data of an open curve through the points (Catmull-Rom); a doubled point is a corner."""
    return _spline([points[0], *points, points[-1]], tension)


def closed(points: Sequence[Point], tension: float = 1.0) -> str:
    """Path data of a closed curve through the points; a doubled point is a corner."""
    return _spline([points[-1], *points, points[0], points[1]], tension) + "Z"


def polygon(points: Sequence[Point]) -> str:
    """Path data of a closed polygon."""
    return "M" + "L".join(_pair(point) for point in points) + "Z"


def _spline(padded: Sequence[Point], tension: float) -> str:
    data = ["M" + _pair(padded[1])]
    share = tension / 6
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        if start == end:
            continue
        (x0, y0), (x1, y1) = start, end
        # At a doubled point the neighbour is the point itself: no tangent is carried across the corner.
        out = 0.0 if before == start else share
        into = 0.0 if after == end else share
        data.append(
            f"C{x0 + (x1 - before[0]) * out:.1f} {y0 + (y1 - before[1]) * out:.1f}"
            f" {x1 - (after[0] - x0) * into:.1f} {y1 - (after[1] - y0) * into:.1f} {x1:.1f} {y1:.1f}"
        )
    return "".join(data)


class Canvas:
    """An SVG picture in the making; every colour put on it is tinted by the light of the view."""

    def __init__(self, pose: Pose) -> None:
        warm, bright = pose.warmth, pose.brightness
        self._tint = (bright * (1 + 0.06 * warm), bright * (1 + 0.01 * warm), bright * (1 - 0.09 * warm))
        self._defs: list[str] = []
        self._shapes: list[str] = []
        self._lit: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def lit(self, color: str) -> str:
        """The colour under the light of the view."""
        if color not in self._lit:
            self._lit[color] = self._tinted(color)
        return self._lit[color]

    def _tinted(self, color: str) -> str:
        return hex_color(*(channel * tint for channel, tint in zip(rgb(color), self._tint, strict=True)))

    def linear(
        self, stops: Sequence[Stop], start: Point, end: Point, units: str = "objectBoundingBox"
    ) -> str:
        """Paint of a linear gradient between two points of the shape's box (0..1) or of the picture."""
        attributes = f'x1="{start[0]:.4g}" y1="{start[1]:.4g}" x2="{end[0]:.4g}" y2="{end[1]:.4g}"'
        return self._gradient("linearGradient", attributes, units, stops)

    def radial(self, stops: Sequence[Stop], center: Point = (0.5, 0.5), radius: float = 0.5) -> str:
        """Paint of a radial gradient inside the shape's box."""
        attributes = f'cx="{center[0]:.4g}" cy="{center[1]:.4g}" r="{radius:.4g}"'
        return self._gradient("radialGradient", attributes, "objectBoundingBox", stops)

    def glow(self, color: str, opacity: float) -> str:
        """Paint that is ``color`` in the middle of a shape and fades to nothing at its edge."""
        return self.radial([(0, color, opacity), (0.5, color, opacity * 0.55), (1, color, 0)])

    def _gradient(self, kind: str, attributes: str, units: str, stops: Sequence[Stop]) -> str:
        inner = "".join(
            f'<stop offset="{offset:g}" stop-color="{self.lit(color)}"'
            + (f' stop-opacity="{opacity:.3g}"/>' if opacity < 1 else "/>")
            for offset, color, opacity in stops
        )
        unit = "" if units == "objectBoundingBox" else f' gradientUnits="{units}"'
        return self._define(f"<{kind}", f"{attributes}{unit}>{inner}</{kind}>")

    def pattern(self, size: Point, angle: float, tile: str) -> str:
        """Paint that repeats a tile of SVG shapes; its colours must have gone through ``lit``."""
        attributes = f'width="{size[0]:g}" height="{size[1]:g}" patternTransform="rotate({angle:g})"'
        return self._define("<pattern", f'patternUnits="userSpaceOnUse" {attributes}>{tile}</pattern>')

    def _define(self, opening: str, rest: str) -> str:
        key = opening + rest
        if key not in self._known:
            name = f"p{len(self._known)}"
            self._known[key] = f"url(#{name})"
            self._defs.append(f'{opening} id="{name}" {rest}')
        return self._known[key]

    def fill(self, data: str, paint: str, opacity: float = 1.0) -> None:
        """Fill a path with a colour or a gradient."""
        paint = self.lit(paint) if paint.startswith("#") else paint
        see = f' fill-opacity="{opacity:.3g}"' if opacity < 1 else ""
        self._shapes.append(f'<path d="{data}" fill="{paint}"{see}/>')

    def stroke(self, data: str, color: str, width: float, opacity: float = 1.0) -> None:
        """Draw a path as a line with round ends."""
        see = f' stroke-opacity="{opacity:.3g}"' if opacity < 1 else ""
        self._shapes.append(
            f'<path d="{data}" fill="none" stroke="{self.lit(color)}" stroke-width="{width:.3g}"'
            f' stroke-linecap="round" stroke-linejoin="round"{see}/>'
        )

    def ellipse(
        self, center: Point, radii: Point, paint: str, opacity: float = 1.0, angle: float = 0.0
    ) -> None:
        """Fill an ellipse, turned by ``angle`` degrees."""
        paint = self.lit(paint) if paint.startswith("#") else paint
        see = f' fill-opacity="{opacity:.3g}"' if opacity < 1 else ""
        turn = f' transform="rotate({angle:.1f} {_pair(center)})"' if abs(angle) > 0.05 else ""
        self._shapes.append(
            f'<ellipse cx="{_number(center[0])}" cy="{_number(center[1])}" rx="{_number(radii[0])}"'
            f' ry="{_number(radii[1])}" fill="{paint}"{see}{turn}/>'
        )

    def open_group(self, transform: str) -> None:
        """Start a group under a transformation."""
        self._shapes.append(f'<g transform="{transform}">')

    def close_group(self) -> None:
        """End the group."""
        self._shapes.append("</g>")

    def text(self) -> str:
        """The picture as SVG text, 1000 units square; what lies outside shows in frames of other shapes."""
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000" width="1000" height="1000">'
            f"<defs>{''.join(self._defs)}</defs>{''.join(self._shapes)}</svg>"
        )
