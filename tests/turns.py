"""Which worker runs which tests (pytest-xdist): groups of files in the order of the tests (docs/decisions/0095)."""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import groupby

from xdist.scheduler import Scheduling
from xdist.workermanage import WorkerController

# A worker begins a test when it knows the next one, whose fixtures the test leaves: so it is given more than one.
LEAST = 3


class Turns(Scheduling):
    """A worker that has little left takes the next group. Tests are numbered by their place in the collection.

    xdist calls these methods (its protocol Scheduling): workers come, tell what they have collected, run tests, end or die.
    """

    def __init__(self, workers: int, group_of: Callable[[str], str]) -> None:
        """`workers`: how many collect the tests before the first is run. `group_of`: the group of a test, by its id."""
        self._workers, self._group_of = workers, group_of
        self._tests: list[str] = []
        # Groups that no worker has.
        self._free: deque[list[int]] = deque()
        # What each worker was given and has not done, in order.
        self._given: dict[WorkerController, list[int]] = {}
        self._ready: set[WorkerController] = set()
        self._begun = False

    @property
    def nodes(self) -> list[WorkerController]:
        """The workers that live."""
        return list(self._given)

    @property
    def collection_is_completed(self) -> bool:
        """Whether all workers know the tests. One that comes later, for one that died, is given tests when it does."""
        return self._begun or len(self._ready) >= self._workers

    @property
    def tests_finished(self) -> bool:
        """Whether all are done or wait for nothing but the order to end: a worker keeps its last test until then."""
        return self._begun and not self._free and all(len(given) < 2 for given in self._given.values())

    @property
    def has_pending(self) -> bool:
        """Whether tests are free or being run."""
        return bool(self._free) or any(self._given.values())

    def add_node(self, node: WorkerController) -> None:
        """A worker has started; it collects."""
        self._given[node] = []

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """A worker has collected. RuntimeError when it found other tests than the first one: numbers would mean others."""
        self._tests = self._tests or list(collection)
        if list(collection) != self._tests:
            odd = sorted(set(self._tests) ^ set(collection))[:5] or "the same in another order"
            raise RuntimeError(f"worker {node.gateway.id} has collected other tests: {odd}")
        self._ready.add(node)

    def schedule(self) -> None:
        """Gives out tests: at first, and when a worker comes later."""
        if not self._begun:
            self._begun = True
            numbers = range(len(self._tests))
            self._free.extend(
                list(group) for _, group in groupby(numbers, lambda number: self._group_of(self._tests[number]))
            )
        for node in self.nodes:
            self._give(node)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """A test is over."""
        self._given[node].remove(item_index)
        self._give(node)

    def remove_node(self, node: WorkerController) -> str | None:
        """A worker has ended. When it died: the id of the test that it ran; the others of its groups are free again.

        KeyError when it is not known: xdist asks again for one that ended before it had collected.
        """
        left = self._given.pop(node)
        self._ready.discard(node)
        if not left:
            return None
        died, *others = left
        if others:
            self._free.appendleft(others)
        for other in self.nodes:
            self._give(other)
        return self._tests[died]

    def mark_test_pending(self, item: str) -> None:
        """Asked for by plugins that run a test again; we have none."""
        raise NotImplementedError

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        """Asked for where workers give tests back; here none does."""
        raise NotImplementedError

    def _give(self, node: WorkerController) -> None:
        """Gives a worker the next groups until it has enough, or tells it to end with what it has."""
        if node.shutting_down or node not in self._ready:
            return
        given = self._given[node]
        while self._free and len(given) < LEAST:
            group = self._free.popleft()
            given += group
            node.send_runtest_some(group)
        if not self._free:
            node.shutdown()
