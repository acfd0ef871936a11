"""The pages of live rooms. A vote needs a script and a socket; all else works with plain forms, the graph as a picture too."""
