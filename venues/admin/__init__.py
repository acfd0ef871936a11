"""Venues, people and keys. Staff look; superusers manage, through venues.commands."""

from venues.admin import devices, people, services, sign_in, tables, venues

__all__ = ["devices", "people", "services", "sign_in", "tables", "venues"]
