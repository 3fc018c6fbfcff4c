"""A program for ColdFront's own environment: the usage of so many allocations, set one by one.

    python coldfront_usage.py COUNT ROUNDS        (COLDFRONT_ENV names its settings file)

The nearest thing that ColdFront has to taking a meter reading is `Allocation.set_usage`: it keeps
a float on an attribute, with neither price nor charge. Every allocation has a project of its own.
Prints a line of JSON a round: the first for the first readings of the allocations, the others for
readings that write over it.
"""

import json
import os
import sys
import time
from datetime import date, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coldfront.config.settings")
django.setup()

from coldfront.core.allocation.models import (  # noqa: E402 - Django comes first
    Allocation,
    AllocationAttribute,
    AllocationAttributeType,
    AllocationStatusChoice,
)
from coldfront.core.project.models import Project, ProjectStatusChoice  # noqa: E402
from coldfront.core.resource.models import Resource  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

QUOTA = "Core Usage (Hours)"


def allocations(count: int) -> list[Allocation]:
    """Allocations as its own sample data has them, in one transaction."""
    owner = User.objects.get(username="cgray")
    resource = Resource.objects.get(name="University HPC")
    quota = AllocationAttributeType.objects.get(name=QUOTA)
    found = []
    with transaction.atomic():
        for number in range(count):
            project = Project.objects.create(
                title=f"Project {number}",
                description="A project of the benchmark.",
                pi=owner,
                status=ProjectStatusChoice.objects.get(name="Active"),
            )
            allocation = Allocation.objects.create(
                project=project,
                status=AllocationStatusChoice.objects.get(name="Active"),
                justification="usage",
                start_date=date(2026, 1, 1),
                end_date=date(2026, 1, 1) + timedelta(365),
            )
            allocation.resources.add(resource)
            AllocationAttribute.objects.create(
                allocation=allocation, allocation_attribute_type=quota, value="10000"
            )
            found.append(allocation)
    return found


def main() -> None:
    """Set up, then time."""
    count, rounds = int(sys.argv[1]), int(sys.argv[2])
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no path of ours
        call_command("initial_setup", "-f", stdout=nowhere)
        sys.stdout, told = nowhere, sys.stdout
        call_command("load_test_data", stdout=nowhere)
        sys.stdout = told
    ready = allocations(count)
    for turn in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        for number, allocation in enumerate(ready):
            allocation.set_usage(QUOTA, number % 97 + turn)
        took = {"of": "_again" if turn else "", "records": count}
        took |= {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps(took))


if __name__ == "__main__":
    main()
