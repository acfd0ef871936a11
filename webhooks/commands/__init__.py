"""Every write to webhooks."""

from webhooks.commands.deliveries import (
    Turn,
    begin_turn,
    disable_endpoint,
    end_turn,
    failing,
    find_news,
    forget_old_attempts,
    has_nothing_new,
    keep_answer,
    keep_single_answer,
    wake_in_next_pass,
)
from webhooks.commands.endpoints import (
    change_endpoint,
    create_endpoint,
    enable_endpoint,
    remove_endpoint,
    replay,
    rotate_secret,
)
