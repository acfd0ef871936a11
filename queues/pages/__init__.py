"""The pages of a line, for guests and hosts. Everything works with plain forms; scripts in frontend/ only make it smoother."""
