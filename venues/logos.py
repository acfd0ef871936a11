"""Logos: a picture that an owner chose, decoded and encoded again, so that we keep and serve only pixels."""

import hashlib
import io
from dataclasses import dataclass
from typing import BinaryIO

from django.core.exceptions import ValidationError
from PIL import Image, ImageOps, ImageStat

# A phone's photo. The door lets this much through (config/bodies.py), so that more is refused beside the field.
MOST_BYTES = 8 * 1024 * 1024
# Decoded, 100 MiB.
MOST_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
# Guests load it with the page (S12: 40 KiB for all of it); 640 px are 5 cm in print.
KEPT_BYTES = 12 * 1024
_TRIES = [(side, quality) for side in (640, 480, 320, 200) for quality in (88, 75, 60)]
_WHITE, _INK = (255, 255, 255), (22, 34, 30)
# From this mean lightness (0 to 255) a transparent logo is taken for one that is drawn for dark grounds.
_LIGHT = 160
NO_PICTURE = "This is no picture that we can read. Choose a PNG, JPEG or WebP file."


@dataclass(frozen=True, slots=True)
class Logo:
    """A WebP picture, and the digest that stands in its address."""

    picture: bytes
    digest: str


def read_logo(file: BinaryIO, size: int) -> Logo:
    """The logo in a file of `size` bytes. Nothing but its pixels is kept: no EXIF, no profile, no script.

    Raises ValidationError, with a sentence, for a file that is too large or no picture of FORMATS.
    """
    if size > MOST_BYTES:
        raise ValidationError(f"This file is too large: at most {MOST_BYTES // 1024**2} MB.")
    picture = _encoded(_on_ground(_decoded(file)))
    return Logo(picture, hashlib.sha256(picture).hexdigest()[:20])


def _decoded(file: BinaryIO) -> Image.Image:
    try:
        with Image.open(file, formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ValidationError(f"This picture is too large: at most {MOST_PIXELS // 10**6} megapixels.")
            opened.draft("RGB", (_TRIES[0][0], _TRIES[0][0]))  # a JPEG is decoded no larger than needed
            return ImageOps.exif_transpose(opened).convert("RGBA")
    except ValidationError:
        raise
    except Exception as problem:  # of a broken file Pillow's decoders raise errors of any kind
        raise ValidationError(NO_PICTURE) from problem


def _on_ground(picture: Image.Image) -> Image.Image:
    """Without transparency: on white, or on dark where the logo is light. It can be seen on light and dark pages."""
    opaque = picture.getchannel("A")
    lightness = ImageStat.Stat(picture.convert("L"), opaque).mean[0] if opaque.getbbox() else 0
    has_holes = opaque.histogram()[255] < picture.width * picture.height
    whole = Image.new("RGB", picture.size, _INK if has_holes and lightness > _LIGHT else _WHITE)
    whole.paste(picture, mask=opaque)
    return whole


def _encoded(picture: Image.Image) -> bytes:
    """As WebP, as large and as fine as KEPT_BYTES allow."""
    made = b""
    for side, quality in _TRIES:
        smaller = picture.copy()
        smaller.thumbnail((side, side // 2), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        smaller.save(out, "WEBP", quality=quality, method=4)
        made = out.getvalue()
        if len(made) <= KEPT_BYTES:
            break
    return made
