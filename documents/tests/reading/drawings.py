"""Pages drawn as a scanner would see them."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

LINES = [
    "LITTLE SHOP LIMITED",
    "12 Harbour Road, Springfield 40150",
    "Invoice number 4711 of 25/12/2018",
    "Two chairs and one round table",
    "Total amount due 1,280.90",
    "Thank you for your visit",
]


def page(lines: list[str] = LINES, *, height: int = 34, ink: int = 20, paper: int = 250) -> Image.Image:
    """Lines of text, black on white; `height` is that of the letters' font in pixels."""
    image = Image.new("L", (24 * height, 4 * height + 2 * height * len(lines)), paper)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(height)
    for number, line in enumerate(lines):
        draw.text((2 * height, 2 * height * (number + 1)), line, fill=ink, font=font)
    return image


def share_found(text: str, lines: list[str] = LINES) -> float:
    """The part of the drawn words that stand in the text."""
    words = " ".join(lines).split()
    found = set(text.split())
    return sum(word in found for word in words) / len(words)
