# A time of day without its zone says nothing.
DATETIME_FORMAT = "j M Y, H:i T"
# The space does not break.
TIME_FORMAT = "g:i\u00a0A"
