"""Pages of people and venues: signing in, and what owners look after."""
