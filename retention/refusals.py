"""What retention refuses."""

from core.refusals import Reason

ONE_LINE_ONLY = Reason(
    "one_line_only",
    "sameNumber: needs an API key of the venue, or a host who is signed in; this proof is good for one line.",
)
