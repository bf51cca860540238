"""What developers run; the verbs are in the Makefile."""
