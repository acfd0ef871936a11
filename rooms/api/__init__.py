"""The HTTP API of rooms (contract vote-websocket.md)."""
