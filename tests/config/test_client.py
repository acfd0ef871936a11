"""The Python client in clients/python is that of this product's API (decision 0087)."""

import importlib.util
import tomllib

from drf_spectacular.generators import SchemaGenerator

from tests.installation import ROOT

PACKAGE = ROOT / "clients" / "python"


def test_the_package_is_made_of_the_present_document() -> None:
    """If this fails: `make client`."""
    spec = importlib.util.spec_from_file_location("generate", PACKAGE / "generate.py")
    assert spec is not None and spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    document = SchemaGenerator(urlconf="config.api_urls").get_schema(request=None, public=True)
    made = generate.files_of(document)
    kept = {path.name: path.read_text() for path in generate.OUT.glob("*.py")}
    assert kept == made


def test_the_package_has_the_products_version_and_licence() -> None:
    product, package = (tomllib.loads((folder / "pyproject.toml").read_text())["project"] for folder in (ROOT, PACKAGE))
    assert (package["version"], package["license"]) == (product["version"], product["license"])
    assert (PACKAGE / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert (PACKAGE / "src" / "tallyline_client" / "py.typed").exists()
