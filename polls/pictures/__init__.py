"""Pictures of results: an order (plain values that may be shown to their reader) in, a PNG out.

Nothing here knows Django: drawing happens in a process of its own (`draw`, started by polls/edge/pictures.py).
"""
