"""Every write of reach: a venue's channels, where a guest is reached, and what went out."""

from reach.commands.channels import set_channels as set_channels
from reach.commands.contacts import choose as choose
from reach.commands.contacts import keep as keep
