"""Acts: each is one transaction and one audit record; done twice, it is done once."""
