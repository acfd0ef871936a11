"""Charts as PNG and posters as PDF, of plain values (`Order`) that their reader may see.

Nothing here imports Django: `draw` runs in a separate process, which realtime/pictures.py starts.
"""

PROGRAM = "web.charts.process"
"""The module that a drawing process runs."""
