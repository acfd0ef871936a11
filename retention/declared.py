"""Which columns hold what of people: every column of every model that can hold a text stands here once (decision 0088).

A test walks all models and fails for a column that nobody declared. A new column that can name a guest goes to GUESTS, and what
forgets it is named beside it: a slice of retention/table.py, or another function.
"""

# Of guests: gone after the venue's days, at the latest. By model and column: what forgets it.
GUESTS: dict[str, dict[str, str]] = {
    "queues.Party": dict.fromkeys(
        ("name", "note", "message", "answer_words", "join_key", "join_asked"), "queues.personal.forget"
    ),
    "queues.Queue": dict.fromkeys(
        ("message", "pause_reason", "contact_info", "create_key", "create_asked"), "queues.personal.forget"
    ),
    "queues.SentAction": dict.fromkeys(("asked", "refusal"), "queues.personal.forget"),
    "outbox.Event": dict.fromkeys(("data", "changes"), "queues.personal.forget"),
    "push.Subscription": dict.fromkeys(("endpoint", "p256dh", "auth"), "push.personal.forget"),
    "reach.Contact": dict.fromkeys(("number", "email", "ways", "language", "origin"), "reach.personal.forget"),
    # Counts codes that were sent to a number, also for a guest who was erased and comes again; a keyed hash, for a day.
    "reach.Proof": {"number_hash": "reach.commands.proofs.forget_old"},
    "reach.Message": {"provider_id": "reach.personal.forget"},
    # Texts of a number in no line go after 30 days (reach/commands/heard.py); they hold no words.
    "reach.Said": dict.fromkeys(("text", "outside_id", "outcome"), "reach.personal.forget"),
    # As long as the venue keeps a guest (decision 0087), and no longer than the guest wants.
    "guests.Guest": dict.fromkeys(("number", "notes"), "guests.personal.forget"),
    "analytics.Fact": dict.fromkeys(("meta", "create_key", "create_asked"), "analytics.personal.forget"),
    "rooms.Participant": dict.fromkeys(("name", "create_key", "create_asked"), "rooms.personal.forget"),
    "rooms.Room": dict.fromkeys(("create_key", "create_asked"), "rooms.personal.forget"),
    # A page of a guest keeps nothing in a session; one of a host may hold the message that is shown next.
    "sessions.Session": dict.fromkeys(("session_key", "session_data"), "venues.visits.forget_visits"),
    "axes.AccessFailureLog": dict.fromkeys(
        ("user_agent", "ip_address", "username", "http_accept", "path_info"), "venues.visits.forget_visits"
    ),
    "axes.AccessAttempt": dict.fromkeys(
        ("user_agent", "ip_address", "username", "http_accept", "path_info", "get_data", "post_data"),
        "venues.visits.forget_visits",
    ),
    "axes.AccessLog": dict.fromkeys(
        ("user_agent", "ip_address", "username", "http_accept", "path_info", "session_hash"),
        "venues.visits.forget_visits",
    ),
    # 30 days after they were posted, with their files.
    "mail.Mail": dict.fromkeys(("to", "once"), "mail.commands.forget"),
}

# What an export of one guest leaves out of these, and why. A test plants a word in each other column of a party and looks for it
# in the export.
NOT_EXPORTED: dict[str, dict[str, str]] = {
    "queues.Party": dict.fromkeys(("join_key", "join_asked"), "a keyed hash"),
    "queues.Queue": dict.fromkeys(
        ("message", "pause_reason", "contact_info", "create_key", "create_asked"), "said to all, or the host's"
    ),
    "queues.SentAction": dict.fromkeys(("asked", "refusal"), "a host's press, for two days"),
    "outbox.Event": {"data": "of the line; what was changed of the party is in its history"},
    "push.Subscription": dict.fromkeys(("endpoint", "p256dh", "auth"), "secrets of a browser; its service is told"),
    "reach.Proof": {"number_hash": "a keyed hash, for a day"},
    "reach.Message": {"provider_id": "a provider's own name for it"},
    "reach.Said": {"outside_id": "a provider's own name for it"},
    "analytics.Fact": dict.fromkeys(("create_key", "create_asked"), "a keyed hash"),
    "rooms.Participant": dict.fromkeys(("name", "create_key", "create_asked"), "tied to no ticket"),
    "rooms.Room": dict.fromkeys(("create_key", "create_asked"), "tied to no ticket"),
    "sessions.Session": dict.fromkeys(("session_key", "session_data"), "tied to no ticket"),
    "axes.AccessFailureLog": dict.fromkeys(
        ("user_agent", "ip_address", "username", "http_accept", "path_info"), "of workers who sign in"
    ),
    "axes.AccessAttempt": dict.fromkeys(
        ("user_agent", "ip_address", "username", "http_accept", "path_info", "get_data", "post_data"),
        "of workers who sign in",
    ),
    "axes.AccessLog": dict.fromkeys(
        ("user_agent", "ip_address", "username", "http_accept", "path_info", "session_hash"), "of workers who sign in"
    ),
    "mail.Mail": dict.fromkeys(("to", "once"), "to workers; a guest's are reach.Message"),
}

# Of people who work here, or programs of theirs: kept as long as they do, changed and deleted by themselves or an owner.
WORKERS: dict[str, tuple[str, ...]] = {
    "account.EmailAddress": ("email",),
    "account.EmailConfirmation": ("key",),
    "mfa.Authenticator": ("data",),
    "socialaccount.SocialAccount": ("provider", "uid", "extra_data"),
    "socialaccount.SocialToken": ("token", "token_secret"),
    "usersessions.UserSession": ("ip", "session_key", "user_agent", "data"),
    "venues.Device": ("name", "digest", "kiosk_pin"),
    "venues.PairingCode": ("digest", "name", "create_key", "taken_with"),
    "venues.User": ("password", "first_name", "last_name", "email", "new_email", "create_key"),
    "venues.Membership": ("create_key",),
    "venues.Invitation": ("email", "digest", "create_key"),
    "venues.ApiKey": ("name", "prefix", "digest", "create_key", "scopes", "origin"),
    # The rows that staff changed, by what they are called: parties by their number, participants never.
    "admin.LogEntry": ("object_id", "object_repr", "change_message"),
    "reach.Provider": (
        "sid",
        "token",
        "url",
        "secret",
        "sender",
        "whatsapp_sender",
        "whatsapp_template",
        "origin",
        "problem",
    ),
    "webhooks.Endpoint": ("create_key", "create_asked", "name", "url", "events", "secret", "secret_before", "origin"),
}

# Of nobody: words of a venue, questions, numbers, marks, keyed hashes that prove counts.
NOBODYS: dict[str, tuple[str, ...]] = {
    "auth.Permission": ("name", "codename"),
    "auth.Group": ("name",),
    "contenttypes.ContentType": ("app_label", "model"),
    "socialaccount.SocialApp": ("provider", "provider_id", "name", "client_id", "secret", "key", "settings"),
    "venues.VenueLogo": ("picture", "digest"),
    "venues.VenueSlug": ("slug",),
    "venues.Table": ("name", "section"),
    "venues.Venue": ("slug", "accent", "menu_url", "words", "logo", "create_key", "name", "timezone"),
    "venues.Service": ("create_key", "name", "note_fields", "sections"),
    "venues.HoursException": ("spans", "name", "create_key"),
    "queues.Queue": ("code", "event_name", "location", "timezone", "asked", "flow", "past"),
    "queues.Party": ("section", "tables", "told"),
    "queues.SentAction": ("action", "code", "state", "details"),
    "polls.Poll": ("code", "create_key", "create_asked", "title", "description", "root"),
    "polls.Choice": ("text",),
    "polls.OneTimeCode": ("digest",),
    # A voter is a keyed hash, of a ticket, code, browser or address. Ballots are never deleted one by one: the count and the
    # receipts would not be proved any more (B1, B2). Without SECRET_KEY it leads to nobody.
    "polls.Ballot": ("voter_key", "choices", "replaced", "mac", "signer"),
    "polls.Claim": ("voter_key",),
    "polls.NodeSeal": ("root",),
    "polls.Subtree": ("last_voter", "hash"),
    "rooms.Room": ("code", "title"),
    "rooms.RoomTicks": ("ts", "yes", "no"),
    "outbox.Event": ("stream", "type", "actor", "action"),
    "outbox.Effect": ("name", "last_error"),
    "mail.Mail": ("kind", "origin", "detail"),
    "push.Subscription": ("language",),
    "push.Delivery": ("detail",),
    "reach.Channels": ("ways",),
    "reach.Provider": ("currency",),
    "reach.Said": ("channel", "meaning"),
    # A keyed hash that tells STOP from nothing; kept also when all else is forgotten, or a text would go out again.
    "reach.Stopped": ("number_hash",),
    "reach.Message": ("at", "way", "detail"),
    "analytics.Fact": ("type", "reason"),
    "analytics.WeeklyMail": ("origin",),
    "webhooks.Feed": ("stream",),
    "webhooks.Attempt": ("type", "detail"),
}
