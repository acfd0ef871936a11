"""Every write of reach: a venue's channels, where a guest is reached, and what went out."""

from reach.commands.channels import LONGEST_FALLBACK_S, SHORTEST_FALLBACK_S, set_channels
from reach.commands.contacts import change_contact, choose, forget_email, keep
from reach.commands.messages import (
    add_messages,
    arrived,
    forget_again,
    hurry,
    lease,
    news_told,
    note_receipt,
    note_shown,
    same_notice,
    settle,
)
from reach.commands.proofs import prove, send_code
from reach.commands.texts import Texts, new_gateway_secret, remove_texts, set_texts
