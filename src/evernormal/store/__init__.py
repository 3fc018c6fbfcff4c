"""The tables. Writes come through `transaction`, reads through `queries`."""
