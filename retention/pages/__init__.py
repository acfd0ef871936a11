"""Pages of retention: a guest's own data, a host's page of one guest, an owner's page of how long guests are kept."""
