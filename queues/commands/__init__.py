"""Every write to a line or a party. The API, the pages, the admin, the sweep and management commands all come here.

A command locks the line, reads the clock once, asks the rules, writes, and records events, in one durable transaction
(queues/change.py). It takes the line by code (any case) or id and raises core.errors.Refused, having changed nothing.
"""

from queues.commands.guests import Joined, NewParty, add_walk_in, declare_nearby, join, join_all, leave
from queues.commands.hosts import (
    advance,
    call,
    dismiss_lapsed,
    edit_party,
    expire_call,
    kick,
    no_show,
    put_back,
    serve,
)
from queues.commands.line import NewLine, close, close_if_over, end_entry, open_line, pause, resume
from queues.commands.messages import clear_message, send_message, show_questions
from queues.commands.more_time import ask_more_time, give_more_time
from queues.commands.moving import let_pass, reorder
from queues.commands.replay import mark_replay
from queues.commands.sent import forget_sent
from queues.commands.services import open_if_due, open_service
from queues.commands.settings import edit_line
from queues.commands.tables import change_table, free_if_forgotten, free_table
from queues.commands.tokens import renew_token
from queues.commands.undo import HostAction, last_action, undo
from queues.commands.waiting import change_party, tell_ahead

__all__ = [
    "HostAction",
    "Joined",
    "NewLine",
    "NewParty",
    "add_walk_in",
    "advance",
    "ask_more_time",
    "call",
    "change_party",
    "change_table",
    "clear_message",
    "close",
    "close_if_over",
    "declare_nearby",
    "dismiss_lapsed",
    "edit_line",
    "edit_party",
    "end_entry",
    "expire_call",
    "forget_sent",
    "free_if_forgotten",
    "free_table",
    "give_more_time",
    "join",
    "join_all",
    "kick",
    "last_action",
    "leave",
    "let_pass",
    "mark_replay",
    "no_show",
    "open_if_due",
    "open_line",
    "open_service",
    "pause",
    "put_back",
    "renew_token",
    "reorder",
    "resume",
    "send_message",
    "serve",
    "show_questions",
    "tell_ahead",
    "undo",
]
