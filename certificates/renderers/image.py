"""The picture: the same certificate as PNG, 1,600 pixels wide, by Pillow."""

from __future__ import annotations

import io
from functools import lru_cache

import segno
from PIL import Image, ImageDraw, ImageFont

from certificates.renderers.data import FONTS, CertificateData

WIDTH, HEIGHT = 1600, 1131  # A4 landscape
CENTRE = WIDTH // 2 + 20
GREEN, DEEP, AMBER = "#0B6B4F", "#08503B", "#B45309"
INK, SOFT, WASH, PAPER = "#16211D", "#52605A", "#E7F2EC", "#FFFFFF"
MOST_WIDTH = 1300


def render_image(data: CertificateData) -> bytes:
    """The certificate as PNG; the same data gives the same bytes."""
    texts = data.texts()
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    _ground(draw)
    y = 92
    y = _line(draw, y, texts["issuer"].upper(), 30, "SemiBold", DEEP)
    y = _line(draw, y, texts["issuer_en"], 22, "Italic", SOFT)
    y = _line(draw, y + 20, texts["heading"], 82, "Bold", GREEN)
    y = _line(draw, y + 2, texts["subheading"], 34, "SemiBold", AMBER)
    y = _line(draw, y, f"{texts['heading_en']} {texts['subheading_en']}", 23, "Italic", SOFT)
    y = _line(draw, y + 14, f"{texts['awarded']}  ·  {texts['awarded_en']}", 26, "Regular", INK)
    y = _line(draw, y + 2, texts["name"], 66, "Bold", INK)
    y = _line(draw, y, texts["born"], 25, "Regular", INK)
    y = _line(draw, y + 10, f"{texts['completed']}  ·  {texts['completed_en']}", 26, "Regular", INK)
    y = _line(draw, y + 2, texts["course"], 48, "Bold", INK)
    y = _line(draw, y, texts["course_en"], 23, "Italic", SOFT)
    y = _line(draw, y + 6, texts["facts"], 25, "Regular", INK)
    _line(draw, y, texts["facts_en"], 22, "Italic", SOFT)
    _foot(picture, draw, data, texts)
    out = io.BytesIO()
    # A few flat colours: a palette is a third of the bytes and of the time.
    picture.quantize(48, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", compress_level=6)
    return out.getvalue()


def _ground(draw: ImageDraw.ImageDraw) -> None:
    draw.polygon([(800, 1131), (1000, 1055), (1200, 965), (1420, 800), (1600, 885), (1600, 1131)], fill=WASH)
    draw.rectangle((0, 0, 48, HEIGHT), fill=GREEN)
    draw.rectangle((49, 0, 57, HEIGHT), fill=AMBER)
    draw.rounded_rectangle((84, 38, WIDTH - 38, HEIGHT - 38), radius=16, outline=GREEN, width=2)


def _line(draw: ImageDraw.ImageDraw, y: int, text: str, size: int, weight: str, colour: str) -> int:
    """Write `text` centred at `y`; where the next line begins. Nothing for no text."""
    if not text:
        return y
    lines, size = _fitted(text, size, weight)
    for line in lines:
        draw.text((CENTRE, y), line, font=_font(weight, size), fill=colour, anchor="ma")
        y += round(size * 1.42)
    return y


def _fitted(text: str, size: int, weight: str, width: int = MOST_WIDTH) -> tuple[list[str], int]:
    """One line, smaller when it is too wide; two when it would be less than two thirds as large."""
    lines, largest = [text], size
    while any(_font(weight, size).getlength(line) > width for line in lines) and size > 4:
        if size <= largest * 2 // 3 and len(lines) == 1 and " " in text:
            middle = len(text) // 2
            split = min((n for n, sign in enumerate(text) if sign == " "), key=lambda n: abs(n - middle))
            lines, size = [text[:split], text[split + 1 :]], largest
        else:
            size -= 1
    return lines, size


def _foot(picture: Image.Image, draw: ImageDraw.ImageDraw, data: CertificateData, texts: dict[str, str]) -> None:
    qr = io.BytesIO()
    segno.make(data.verify_url, error="m").save(qr, kind="png", scale=5, border=0)
    code = Image.open(qr).convert("RGB").resize((180, 180), Image.Resampling.NEAREST)
    picture.paste(code, (128, 892))
    small = _font("Regular", 20)
    lines = [texts["number"], texts["code"], texts["expires"], texts["verify"], data.verify_url]
    y = 1074 - 28 * sum(1 for line in lines if line)
    for line in lines:
        if line:
            draw.text((330, y), line, font=small, fill=DEEP if line == data.verify_url else INK)
            y += 28
    right, y_end = 1330, 1060
    draw.text((right, 880), texts["place_date"], font=_font("Italic", 24), fill=INK, anchor="ma")
    lines, size = _fitted(texts["issuer"], 24, "SemiBold", 420)
    for line in reversed(lines):  # upwards from the place of the seal
        draw.text((right, y_end), line, font=_font("SemiBold", size), fill=INK, anchor="ms")
        y_end -= round(size * 1.3)


@lru_cache(maxsize=256)
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"BeVietnamPro-{weight}.ttf"), size)
