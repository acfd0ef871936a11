TIME_FORMAT = "H:i"
# As English without a region: <input type="date"> takes no other.
DATE_INPUT_FORMATS = ["%Y-%m-%d"]
