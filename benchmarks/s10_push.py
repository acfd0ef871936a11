"""S10: push messages encrypted, signed and accepted by a local endpoint, beside a loop over pywebpush.webpush().

Both send to the same endpoint from one separate process (benchmarks/inside.py: push), which needs neither Postgres nor Redis; the
endpoint answers 201 and does nothing else.
"""

import json
import os
import sys
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal
from benchmarks.processes import output_of
from tests.installation import free_port


def s10(bench: Bench) -> Iterator[Figure]:
    """All runs are in one child."""
    port, seconds, repeats = free_port(), bench.seconds, bench.options.repeats
    bench.program([sys.executable, "-m", "benchmarks.references.endpoint", str(port)], port=port)
    words = [sys.executable, "-m", "benchmarks.inside", "push", str(port), str(seconds), str(repeats)]
    environment = {**os.environ, "DATA_DIR": str(bench.folder), "PUSH_EXTRA_HOSTS": f"127.0.0.1:{port}"}
    said = output_of(words, core=bench.load_core, within_s=60 + 3 * seconds * repeats, env=environment)
    runs: list[list[float]] = json.loads(said)
    for mine, other in runs:
        bench.say(f"ours {mine:,.4g}   reference {other:,.4g}")
    yield Figure(
        number="S10",
        what="push messages encrypted, signed and accepted, one process",
        unit="/s",
        goal=Goal(least=5),
        reference="loop over pywebpush.webpush()",
        ours=[mine for mine, _ in runs],
        theirs=[other for _, other in runs],
    )
