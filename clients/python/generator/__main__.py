"""Writes src/tallyline_client/generated/ from the OpenAPI document on standard input: `make client`."""

import json
import sys

from clients.python.generator.files import OUT, files_of

if __name__ == "__main__":
    made = files_of(json.load(sys.stdin))
    for old in OUT.rglob("*.py"):
        old.unlink()
    for name, text in made.items():
        (OUT / name).parent.mkdir(exist_ok=True)
        (OUT / name).write_text(text)
