"""A program that races others on one database: `python -m tests.laws.writer NUMBER`.

It reads the name of a job from each line of its input and answers each with a line of JSON.
EVERNORMAL_DATABASE_URL says where.
"""

import json
import os
import sys

import django


def main(number: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evernormal.settings")
    django.setup()
    from tests.laws import jobs  # noqa: PLC0415 - needs the tables

    by_name = {
        "open": jobs.open_books,
        "award": jobs.award,
        "hold": jobs.hold,
        "post": jobs.post,
        "read": jobs.read,
    }
    for line in sys.stdin:
        print(json.dumps(by_name[line.strip()](number)), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(int(sys.argv[1]))
