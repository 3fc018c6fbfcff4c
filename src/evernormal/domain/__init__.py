"""The life of a voucher as pure functions: standard library, no clock, dice, disk or network."""
