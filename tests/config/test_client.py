"""The Python client in clients/python is that of this product's API (decision 0087)."""

import tomllib
from typing import ForwardRef, get_type_hints, is_typeddict

import pytest
from drf_spectacular.generators import SchemaGenerator
from tallyline_client import models

from clients.python.generator.files import OUT, files_of, read
from tests.installation import ROOT

PACKAGE = ROOT / "clients" / "python"


@pytest.mark.thorough
def test_the_package_is_made_of_the_present_document() -> None:
    """If this fails: `make client`."""
    document = SchemaGenerator(urlconf="config.api_urls").get_schema(request=None, public=True)
    assert read(OUT) == files_of(document)


def test_every_type_of_a_model_is_known() -> None:
    """Names in the types of one module's models may be of another."""
    shapes = [model for model in vars(models).values() if is_typeddict(model)]
    assert len(shapes) > 100
    for shape in shapes:
        hints = get_type_hints(shape)
        assert hints and not [hint for hint in hints.values() if isinstance(hint, str | ForwardRef)]


def test_the_package_has_the_products_version_and_licence() -> None:
    product, package = (tomllib.loads((folder / "pyproject.toml").read_text())["project"] for folder in (ROOT, PACKAGE))
    assert (package["version"], package["license"]) == (product["version"], product["license"])
    assert (PACKAGE / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert (PACKAGE / "src" / "tallyline_client" / "py.typed").exists()
