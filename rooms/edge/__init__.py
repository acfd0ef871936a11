"""Live rooms in Redis and on the sockets: presence, votes, ticks (contract vote-websocket.md)."""
