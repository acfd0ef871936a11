"""Live yes/no rooms: what Postgres knows of them. Votes and ticks are in Redis while a room is open (rooms/edge/)."""
