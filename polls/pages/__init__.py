"""The pages of polls, for voters and hosts. Everything works with plain forms; scripts in frontend/js only make it smoother."""
