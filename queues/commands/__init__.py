"""Every write to a line or a party. The API, the pages, the admin, the sweep and management commands all come here.

A command locks the line, reads the clock once, asks the rules, writes, and records events, in one durable transaction
(queues/change.py). It takes the line by code (any case) or id and raises core.errors.Refused, having changed nothing.
"""

from queues.commands.guests import Joined, NewParty, add_walk_in, declare_nearby, join, join_all, leave, take_ticket
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
from queues.commands.messages import (
    clear_message,
    clear_party_message,
    message_party,
    send_message,
    show_questions,
)
from queues.commands.more_time import ask_more_time, give_more_time
from queues.commands.moving import let_pass, move_behind, reorder
from queues.commands.replay import mark_replay
from queues.commands.sent import forget_sent
from queues.commands.services import open_if_due, open_service
from queues.commands.settings import edit_line
from queues.commands.tables import change_table, free_if_forgotten, free_table
from queues.commands.tokens import renew_token
from queues.commands.undo import undo
from queues.commands.visits import answer_visit, ask_about_visit
from queues.commands.waiting import change_party, tell_ahead
from queues.commands.waits import clear_wait, end_wait, set_wait
from queues.undoable import HostAction, actions_to_undo, last_action
