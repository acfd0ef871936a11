"""What guests may do on two lines, in any order."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from queues import commands
from tests.properties.machine import TwoLines

NAMES = st.sampled_from(["", "", "Ada", "Ada", " Ada ", "Bob", "名前"])
SIZES = st.sampled_from([1, 1, 2, 3, 5, 0])
KEYS = st.sampled_from(["", "", "", "k1", "k2", "k3"])
NOTES = st.sampled_from(["", "window", "pram"])
LINES = st.sampled_from([0, 0, 0, 1])
WHO = st.integers(0, 30)


class GuestsOfTwoLines(TwoLines):
    """What people without a host's proof may do."""

    @rule(line=LINES, name=NAMES, size=SIZES, key=KEYS, unique=st.booleans())
    def join(self, line: int, name: str, size: int, key: str, unique: bool) -> None:
        self.joins(line, name, size, key, unique_name=unique)

    @rule(line=LINES, name=NAMES, size=SIZES, key=KEYS, note=NOTES)
    def walk_in(self, line: int, name: str, size: int, key: str, note: str) -> None:
        self.joins(line, name, size, key, note=note)

    @rule(line=LINES, who=WHO)
    def nearby(self, line: int, who: int) -> None:
        self.one_party(line, who, "declare_nearby", undoable=False)

    @rule(line=LINES, who=WHO)
    def leave(self, line: int, who: int) -> None:
        self.one_party(line, who, "leave", undoable=False)

    @rule(line=LINES, who=WHO, parties=st.integers(0, 3))
    def let_pass(self, line: int, who: int, parties: int) -> None:
        party = self.any_party(line, who)
        self.both(
            line,
            lambda queue_id: commands.let_pass(queue_id, party_id=party, parties=parties),
            lambda model: model.let_pass(self.now, party, parties),
            same=int.__eq__,
        )

    @rule(line=LINES, who=WHO)
    def ask_more_time(self, line: int, who: int) -> None:
        self.one_party(line, who, "ask_more_time", undoable=False)

    @rule(line=LINES, who=WHO)
    def take_ticket(self, line: int, who: int) -> None:
        self.one_party(line, who, "take_ticket", undoable=False)
