"""The project's own poll API, /api/polls/: parse, authorise, call one command, shape the answer."""
