"""Pictures of results: an order (plain values that may be shown to their reader) in, a PNG out.

Nothing here knows Django: drawing happens in a process of its own (`draw`, started by realtime/pictures.py).
"""

PROGRAM = "web.charts.process"
"""The module that a drawing process runs."""
