"""How is the morning of an absence drawn? As a flow chart in SVG that fits a page, with the same in words.

It is drawn from the steps alone and knows no policy. Nothing is said by colour only. A text is broken by the
widths of a wide font, so that it fits its box in a narrower one too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from firstbell.reports.published.blocks import Drawing, Items
from firstbell.reports.published.marked import Marked, safe, small, strong
from firstbell.reports.published.morning import Step
from firstbell.reports.published.values import capital

__all__ = ["drawing", "steps_in_words"]

WIDTH = 760
LEFT, RIGHT = 124, 756
ASIDE = 478
WHO = 596
ASIDE_LEFT, ASIDE_RIGHT = 546, 756
MIDDLE = 300
PAD, GAP, ROUND = 8, 22, 7
TITLE, TEXT, SMALL = 15.5, 13.0, 12.5
LEADING = 1.28
INK, SOFT, BRAND, WASH, LINE = "#1c2430", "#4a5563", "#17324d", "#eef2f6", "#8a96a3"
FONT = "'Open Sans', system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
NARROW, WIDE = set("iljtfrI.,:;'’|!()[] -"), set("mwMW@%—…")
BOLD = 1.13


def drawing(title: str, steps: Sequence[Step], later: Sequence[tuple[str, str, str]]) -> Drawing:
    """The chart of a morning, with what follows on later days at its foot; as high as it has to be."""
    canvas = _Canvas()
    for number, step in enumerate(steps):
        canvas.step(step, is_last=number + 1 == len(steps))
    if later:
        canvas.later(later)
    height = round(canvas.top + 4)
    words = " ".join(f"{_plain_step(number, step)}" for number, step in enumerate(steps, 1))
    return Drawing(title, canvas.svg(height, title), words, WIDTH, height)


def _plain_step(number: int, step: Step) -> str:
    end = "" if step.title.endswith("?") else "."
    said = [f"{step.at}:" if step.at else "", f"{step.title}{end}"]
    said += [f"If {step.answer}: {step.aside}"] if step.aside else []
    said += [f"If {step.onward}, go on."] if step.onward else []
    return f"{number}. {' '.join(one for one in said if one)}"


def steps_in_words(steps: Sequence[Step]) -> Items:
    """The chart as a list: everything that it says, in the same order."""
    return Items(tuple(map(_step_in_words, steps)), is_numbered=True)


def _step_in_words(step: Step) -> Marked:
    end = "" if step.title.endswith("?") else "."
    said = [strong(f"{capital(step.at)}:") if step.at else "", f"{safe(step.title)}{end}"]
    said += [safe(one) for one in step.details]
    if step.aside:
        said.append(f"If {step.answer}: {safe(step.aside)}")
    if step.who:
        said.append(small(f"({safe(step.who)})"))
    if step.onward:
        said.append(f"If {safe(step.onward)}, go on.")
    return " ".join(one for one in said if one)


# --- drawing ---------------------------------------------------------------------------------------------


def _width(text: str, size: float) -> float:
    """About how wide a text is, rather more than less."""
    units = sum(
        0.37 if one in NARROW else 0.99 if one in WIDE else 0.74 if one.isupper() else 0.62 for one in text
    )
    return units * size


def _wrapped(text: str, size: float, room: float, bold: bool = False) -> list[str]:
    """A text as lines that fit; a word that is too long by itself is broken."""
    room /= BOLD if bold else 1
    lines = [""]
    for word in text.split():
        while _width(word, size) > room:
            cut = max(1, int(len(word) * room / _width(word, size)) - 1)
            lines += [word[:cut], ""]
            word = word[cut:]
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line for line in lines if line]


@dataclass
class _Canvas:
    """The drawing so far, from the top down."""

    top: float = 4.0
    parts: list[str] = field(default_factory=list)

    def step(self, step: Step, *, is_last: bool) -> None:
        """A box for a step, what leads aside from it, and the way on."""
        aside = _wrapped(step.aside, SMALL, ASIDE_RIGHT - ASIDE_LEFT - 2 * PAD)
        right = ASIDE if aside else RIGHT
        side = 26 if step.kind == "question" else 0
        who = _wrapped(step.who, SMALL, RIGHT - WHO - PAD) if not aside else []
        room = (WHO - PAD if who else right) - LEFT - 2 * PAD - 2 * side
        lines = list(self._lines(step, room))
        inner = sum(size * LEADING for _, size, _ in lines)
        height = max(inner + (24 if side else 0), len(aside or who) * SMALL * LEADING) + 2 * PAD
        self._shape(step, right, height)
        self._time(step, height)
        y = self.top + (height - inner) / 2
        for text, size, weight in lines:
            self._text(text, LEFT + PAD + side, y, size, weight, INK)
            y += size * LEADING
        self._column(who, WHO, height, SOFT)
        if aside:
            self._line(ASIDE, self.top + height / 2, ASIDE_LEFT - 2, self.top + height / 2)
            middle = (ASIDE + ASIDE_LEFT) / 2 - 3
            self._text(step.answer, middle, self.top + height / 2 - 20, SMALL, "700", INK, "middle")
            self._box(ASIDE_LEFT, ASIDE_RIGHT, height, "#ffffff", 1.2)
            self._column(aside, ASIDE_LEFT + PAD, height, INK)
        self.top += height
        if not is_last:
            self._onward(step.onward)

    def _lines(self, step: Step, room: float) -> Iterator[tuple[str, float, str]]:
        """The lines of a box: text, size and weight."""
        for line in _wrapped(step.title, TITLE, room, bold=True):
            yield line, TITLE, "700"
        for one in step.details:
            for line in _wrapped(one, TEXT, room):
                yield line, TEXT, "400"

    def _shape(self, step: Step, right: float, height: float) -> None:
        if step.kind == "question":
            cut = 20
            inner, low, mid = right - cut, self.top + height, self.top + height / 2
            points = (
                f"{LEFT + cut},{self.top:.1f} {inner},{self.top:.1f} {right},{mid:.1f} {inner},{low:.1f} "
                f"{LEFT + cut},{low:.1f} {LEFT},{mid:.1f}"
            )
            self.parts.append(
                f'<polygon points="{points}" fill="#ffffff" stroke="{BRAND}" stroke-width="1.6"/>'
            )
            return
        fill = "#ffffff" if step.kind == "parents" else WASH
        self._box(LEFT, right, height, fill, 3 if step.kind == "goal" else 1.2)

    def _box(self, left: float, right: float, height: float, fill: str, stroke: float) -> None:
        self.parts.append(
            f'<rect x="{left}" y="{self.top:.1f}" width="{right - left}" height="{height:.1f}" '
            f'rx="{ROUND}" fill="{fill}" stroke="{BRAND}" stroke-width="{stroke}"/>'
        )

    def _time(self, step: Step, height: float) -> None:
        size = 16.0 if len(step.at) <= 11 else SMALL
        lines = _wrapped(step.at, size, LEFT - 14, bold=True)
        y = self.top + (height - len(lines) * size * LEADING) / 2
        for number, line in enumerate(lines):
            self._text(line, LEFT - 10, y + number * size * LEADING, size, "700", BRAND, "end")

    def _column(self, lines: Sequence[str], x: float, height: float, colour: str) -> None:
        """Small lines in the middle of a box."""
        y = self.top + (height - len(lines) * SMALL * LEADING) / 2
        for number, line in enumerate(lines):
            self._text(line, x, y + number * SMALL * LEADING, SMALL, "400", colour)

    def _onward(self, condition: str) -> None:
        """The arrow to the next step, with the condition beside it."""
        self._line(MIDDLE, self.top, MIDDLE, self.top + GAP - 2)
        if condition:
            self._text(condition, MIDDLE + 10, self.top + 3, SMALL, "700", INK)
        self.top += GAP

    def later(self, later: Sequence[tuple[str, str, str]]) -> None:
        """A table of what follows on later days."""
        self.top += 14
        first, second, third = 4 + PAD, 270, WHO
        rows = [
            (
                _wrapped(when, SMALL, second - first - PAD, bold=True),
                _wrapped(what, SMALL, third - second - PAD),
                _wrapped(who, SMALL, RIGHT - third - PAD),
            )
            for when, what, who in later
        ]
        height = sum(max(map(len, row)) * SMALL * LEADING + 5 for row in rows) + TITLE * LEADING + 3 + 2 * PAD
        self._box(4, RIGHT, height, "#ffffff", 1.2)
        self.top += PAD
        self._text("If the absence goes on", first, self.top, TITLE, "700", INK)
        self.top += TITLE * LEADING + 3
        for number, row in enumerate(rows):
            if number:
                path = f"M {first} {self.top - 2:.1f} H {RIGHT - PAD}"
                self.parts.append(f'<path d="{path}" stroke="#dde2e8" stroke-width="0.8"/>')
            columns = ((first, "700", INK), (second, "400", INK), (third, "400", SOFT))
            for lines, (x, weight, colour) in zip(row, columns, strict=True):
                for line, text in enumerate(lines):
                    self._text(text, x, self.top + line * SMALL * LEADING, SMALL, weight, colour)
            self.top += max(map(len, row)) * SMALL * LEADING + 5
        self.top += PAD

    def _text(
        self, text: str, x: float, y: float, size: float, weight: str, colour: str, anchor: str = "start"
    ) -> None:
        self.parts.append(
            f'<text x="{x:.1f}" y="{y + size * 1.02:.1f}" font-size="{size}" font-weight="{weight}" '
            f'fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'
        )

    def _line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """An arrow, its head drawn by itself: not every reader of SVG knows markers."""
        down = x1 == x2
        head = f"M {x2 - 5} {y2 - 8:.1f} L {x2} {y2:.1f} L {x2 + 5} {y2 - 8:.1f}"
        if not down:
            head = f"M {x2 - 8} {y2 - 5:.1f} L {x2} {y2:.1f} L {x2 - 8} {y2 + 5:.1f}"
        path = f"M {x1} {y1:.1f} L {x2} {y2:.1f} {head}"
        self.parts.append(f'<path d="{path}" fill="none" stroke="{BRAND}" stroke-width="1.6"/>')

    def svg(self, height: int, title: str) -> str:
        """The whole drawing."""
        inside = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'font-family="{FONT}">\n<title>{escape(title)}</title>\n{inside}\n</svg>'
        )
