"""What commands on guests say when they refuse. Only hosts read it."""

NO_GUEST = "There is no such guest any more."
CHANGED = "Another host has changed this guest meanwhile. Look at what is so now, then save again."
