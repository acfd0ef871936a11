"""Django's Postgres backend for databases that may freeze while the program goes on (polls/nodes.py)."""
