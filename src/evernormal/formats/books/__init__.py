"""A year's books as files: rows, tables, statements, journal, log, payment files, report."""
