"""An evening, or a recorded day, played through the running program's own API (`manage.py demo`)."""
