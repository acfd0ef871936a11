"""The version of this program. A release changes it here and in pyproject.toml."""

VERSION = "1.0.0"
