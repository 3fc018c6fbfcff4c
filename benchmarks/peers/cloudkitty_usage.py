"""A program for CloudKitty's own environment: points rated by its hashmap and stored by its v1.

    python cloudkitty_usage.py COUNT ROUNDS        (its database is made in this folder)

What runs is its own code, in the order of its orchestrator's worker: a data frame of so many
points of one scope, `HashMap.process` with one mapping of a field (a price for each device class),
then `push` into its SQLAlchemy storage. Left out is the collector, which asks a Gnocchi or a
Prometheus for the points: here they stand ready. Its v2 storages each need a server of their own
(InfluxDB, OpenSearch, Elasticsearch, Loki), so it is the v1 storage on SQLite. It rates in
decimals, per point and per hour: no voucher, no ledger, no day, no rounding to a charge.
Prints one line of JSON a round.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta

import sqlalchemy
from cloudkitty import config as _options  # noqa: F401 - registers its options
from cloudkitty import dataframe, service, storage
from cloudkitty.db import api as core_db
from cloudkitty.rating.hash import HashMap
from cloudkitty.rating.hash.db import api as hash_db
from cloudkitty.rating.hash.db.sqlalchemy import models as hash_models
from oslo_config import cfg

CLASSES = tuple(f"class-{number}" for number in range(8))
SCOPE = "scope-1"
SERVICE = "card"


def settle(database: str) -> None:
    """Its settings, and its tables as its own commands make them."""
    service.prepare_service(argv=["cloudkitty"], config_files=[])
    options = cfg.CONF
    options.set_override("connection", f"sqlite:///{database}", group="database")
    options.set_override("backend", "sqlalchemy", group="storage")
    options.set_override("version", 1, group="storage")
    core_db.get_instance().get_migration().upgrade("head")
    # Its last migration of these tables fails on SQLite (it reads, over a second connection, a
    # column that the first has not committed), so they are made from its models instead.
    hash_models.Base.metadata.create_all(sqlalchemy.create_engine(f"sqlite:///{database}"))


def price_classes() -> None:
    """One service, one field, one price a card-hour for each device class."""
    rules = hash_db.get_instance()
    field = rules.create_field(rules.create_service(SERVICE).service_id, "device_class")
    for number, name in enumerate(CLASSES):
        rules.create_mapping(
            field_id=field.field_id,
            value=name,
            map_type="flat",
            cost=0.5 + number / 8,
            start=datetime(2025, 1, 1),  # noqa: DTZ001 - it keeps instants without a zone
            created_by="benchmark",
        )


def points(count: int, hour: int) -> dataframe.DataFrame:
    """An hour of one scope's points, as a collector hands them over."""
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    found = [
        dataframe.DataPoint(
            "card-hour",
            1 + (hour + number * 7) % 64,
            0,
            {"id": f"job-{hour}-{number}", "project_id": SCOPE},
            {"device_class": CLASSES[(hour + number) % len(CLASSES)]},
        )
        for number in range(count)
    ]
    end = begin + timedelta(hours=1)
    return dataframe.DataFrame(start=begin, end=end, usage={SERVICE: found})


def main() -> None:
    """Set up, then time."""
    count, rounds = int(sys.argv[1]), int(sys.argv[2])
    settle("cloudkitty.sqlite")
    kept = storage.get_storage()
    kept.init()
    price_classes()
    rating = HashMap(SCOPE)
    for hour in range(rounds):
        frame = points(count, hour)
        wall, cpu = time.perf_counter(), time.process_time()
        rated = rating.process(frame)
        half = time.perf_counter()
        kept.push([rated], SCOPE)
        done = time.perf_counter()
        took = {"of": "", "records": count, "wall": done - wall, "rate": half - wall}
        print(json.dumps(took | {"cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
