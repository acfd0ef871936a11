"""How much one WebSocket may send: a bucket of frames and one of bytes, each filled again as time goes by."""

import time

# A page sends a ping or a vote now and then; a burst is what piled up while it had no network.
FRAMES = 1_000
FRAMES_PER_S = 50
BYTES = 512 * 1024
BYTES_PER_S = 32 * 1024

EXCEEDED = 1008
WHY = "too much was sent"


class Budget:
    """One per socket. Frames of all kinds are counted: texts, parts of texts, pings, empty ones."""

    __slots__ = ("_at", "_bytes", "_frames")

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._frames = float(FRAMES)
        self._bytes = float(BYTES)

    def spend(self, frames: int, size: int) -> bool:
        """Spends `frames` and `size` bytes; False when the budget does not hold them."""
        now = time.monotonic()
        passed_s, self._at = now - self._at, now
        self._frames = min(FRAMES, self._frames + passed_s * FRAMES_PER_S) - frames
        self._bytes = min(BYTES, self._bytes + passed_s * BYTES_PER_S) - size
        return self._frames >= 0 and self._bytes >= 0
