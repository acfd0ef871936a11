"""What commands on guests say when they refuse. Only hosts read it."""

NO_GUEST = "There is no such guest any more."
