"""Engines: the fast twins of plain domain functions, each tested to equal its plain one."""
