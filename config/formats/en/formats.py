# A time of day without its zone says nothing.
DATETIME_FORMAT = "j M Y, H:i T"
