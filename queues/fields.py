"""The fields of a line and its parties that events record (laws 4, 10)."""

from typing import Any

# The stream of a line's events.
STREAM = "queue"
# Fields that events record, a replay rebuilds and `reconcile` compares: all that a person can see or act on.
QUEUE_FIELDS = (
    "event_name", "max_guests", "location", "contact_info", "open_time", "close_time", "timezone", "call_window_s",
    "auto_advance", "auto_no_show", "on_my_way_s", "called_by_clock", "opened_at", "last_entry_at", "entry_over",
    "closing_at", "closes_at", "paused", "pause_reason", "wait_low_ms", "wait_high_ms", "wait_until", "here_only",
    "message", "message_at", "asked", "closed_at", "close_reason", "next_ticket", "pace_ms", "last_called_at",
    "time_scale", "token_version", "quote_model", "flow", "past", "forgotten_at",
)  # fmt: skip
PARTY_FIELDS = (
    "ticket", "rank", "name", "size", "note", "note_by_host", "status", "nearby", "walk_in", "without_phone",
    "joined_at", "quote_low_ms", "quote_high_ms", "quoted_by_host", "edits", "called_at", "call_deadline", "late_at",
    "on_my_way_at", "call_count", "more_time", "message", "message_at", "ended_at", "lapsed", "told_position_2",
    "told_position_5", "tell_ahead", "told_ahead", "section", "tables", "seated_at", "freed_at", "told",
    "has_contact", "erased_at", "wrote_at", "texts_stopped", "ask_at", "asked_at", "answer", "answer_words",
    "answered_at",
)  # fmt: skip
# Fields that a later release added, each with the value that its migration gave to existing rows: no older event has
# them. A new field is added to one of these, or tests/upgrades fails; a replay starts with them.
QUEUE_FIELDS_ADDED: dict[str, Any] = {
    "message": "", "message_at": None, "token_version": 0, "called_by_clock": False, "asked": [], "last_entry_at": None,
    "entry_over": False, "closing_at": None, "here_only": False, "auto_no_show": True, "on_my_way_s": 0,
    "pause_reason": "", "wait_low_ms": None, "wait_high_ms": None, "wait_until": None,
    "quote_model": 1, "flow": {}, "past": {}, "forgotten_at": None,
}  # fmt: skip
PARTY_FIELDS_ADDED: dict[str, Any] = {
    "more_time": "", "lapsed": False, "quoted_by_host": False, "edits": 0, "note_by_host": False, "tell_ahead": None,
    "told_ahead": False, "without_phone": False, "late_at": None, "on_my_way_at": None, "message": "",
    "message_at": None, "section": "", "tables": [], "seated_at": None, "freed_at": None,
    "told": None, "has_contact": False, "erased_at": None, "wrote_at": None,
    "texts_stopped": False, "ask_at": None, "asked_at": None, "answer": None, "answer_words": "",
    "answered_at": None,
}  # fmt: skip
