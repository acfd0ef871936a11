"""`python -m web.charts.process`: draws the orders on its standard input one by one, until that ends.

In: 4 bytes of length, then a packed order. Out: 1 (drawn) or 0 (not), 4 bytes of length, then the PNG or PDF, or what went wrong.
"""

import contextlib
import resource
import signal
import sys
from typing import BinaryIO

from web.charts.orders import draw

# The largest picture takes about 150 MiB. A process that grows beyond this has a fault, and ends alone.
MOST_MEMORY_BYTES = 2 * 1024**3


def serve(orders: BinaryIO, pictures: BinaryIO) -> None:
    """Draws each order."""
    while len(head := orders.read(4)) == 4:
        packed = orders.read(int.from_bytes(head, "big"))
        try:
            drawn, body = 1, draw(packed)
        except Exception as problem:
            # Not the message: it may contain a host's text.
            drawn, body = 0, type(problem).__name__.encode()
        pictures.write(bytes([drawn]) + len(body).to_bytes(4, "big") + body)
        pictures.flush()


def main() -> None:
    """Serves standard input, with bounded memory. Ignores Ctrl-C: the process ends with its input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ValueError, OSError):  # not every system bounds it
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
