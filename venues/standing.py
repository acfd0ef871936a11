"""What stays of a venue from evening to evening: its address, its look and its words for guests (decision 0058)."""

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language

from core import colours, slugs

LONGEST_WORDS = 300


def check_slug(slug: str) -> None:
    """Raises ValidationError with a sentence unless this can be a slug."""
    if problem := slugs.problem_with(slug):
        raise ValidationError(problem)


def check_accent(colour: str) -> None:
    """Raises ValidationError unless it is written as #rrggbb."""
    if not colours.is_colour(colour):
        raise ValidationError("Write the colour as #rrggbb, such as #0c6251.")


def check_words(words: object) -> None:
    """Raises ValidationError unless these are texts by language, each of a language of our pages and not too long."""
    if not isinstance(words, dict) or not words.keys() <= dict(settings.LANGUAGES).keys():
        raise ValidationError("Texts are given by language.")
    if any(not isinstance(text, str) or not 0 < len(text) <= LONGEST_WORDS for text in words.values()):
        raise ValidationError(f"A text has 1 to {LONGEST_WORDS} letters.")


class Standing(models.Model):
    """The fields of a venue's address, look and words."""

    slug = models.CharField(
        "address",
        max_length=slugs.LONGEST,
        unique=True,
        blank=True,
        validators=[check_slug],
        help_text="The word in the venue's address, /v/…; made from its name where it is left empty.",
    )
    accent = models.CharField(
        max_length=7,
        blank=True,
        default="",
        db_default="",
        validators=[check_accent],
        help_text="The colour of buttons and links on guests' pages, #rrggbb; empty: Tallyline's own.",
    )
    menu_url = models.CharField(
        "menu",
        max_length=500,
        blank=True,
        default="",
        db_default="",
        validators=[URLValidator(schemes=["http", "https"])],
    )
    words = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        validators=[check_words],
        help_text="What guests read on its pages, by language.",
    )
    logo = models.CharField(
        max_length=20, blank=True, default="", db_default="", editable=False, help_text="Its digest."
    )

    class Meta:
        abstract = True

    @property
    def told(self) -> tuple[str, str]:
        """The venue's words for the reader, and their language: the active one, else the first with words. Empty without any."""
        languages = [get_language() or "", *dict(settings.LANGUAGES)]
        return next(((self.words[each], each) for each in languages if each in self.words), ("", ""))

    @property
    def look_url(self) -> str:
        """The stylesheet of its accent colour; empty without one."""
        return reverse("accent", args=[self.accent[1:]]) if self.accent else ""

    @property
    def logo_url(self) -> str:
        """Its logo; empty without one."""
        return reverse("logo", args=[self.logo]) if self.logo else ""


class VenueLogo(models.Model):
    """A venue's logo (venues/logos.py). In Postgres: a few KiB that are saved, restored and shared by several machines with the
    rest. A row by itself, for lists of venues do not read it."""

    venue = models.OneToOneField("venues.Venue", primary_key=True, on_delete=models.CASCADE, related_name="logo_row")
    picture = models.BinaryField(help_text="WebP.")
    digest = models.CharField(max_length=20, db_index=True)

    def __str__(self) -> str:
        return f"logo of {self.venue}"


class VenueSlug(models.Model):
    """A slug that a venue has or once had: its old addresses go on to lead to it. No other venue can have it, not even when its
    own venue is deleted."""

    slug = models.CharField(primary_key=True, max_length=slugs.LONGEST)
    venue = models.ForeignKey("venues.Venue", null=True, on_delete=models.SET_NULL, related_name="slugs")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "address"
        verbose_name_plural = "addresses"
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return f"/v/{self.slug}"
