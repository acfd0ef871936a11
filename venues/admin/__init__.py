"""Venues, people and keys. Staff look; superusers manage, through venues.commands."""

from venues.admin import people, services, sign_in, venues

__all__ = ["people", "services", "sign_in", "venues"]
