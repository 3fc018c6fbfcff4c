"""Where each of a year's files lies below its folder."""

LOG_FILE = "audit-log.jsonl"
CHECKPOINT_FILE = "checkpoint.txt"
REPORT_FILE = "report.html"
SCHEME_FILE = "scheme/scheme.toml"
INPUTS_FOLDER = "inputs/"
