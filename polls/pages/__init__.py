"""The pages of polls, for voters and hosts. Everything works with plain forms; scripts in frontend/ only make it smoother."""
