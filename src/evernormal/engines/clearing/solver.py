"""HiGHS, as every engine here uses it: silent, on one thread."""

import os
import sys
from functools import cache

import highspy


def quiet_solver() -> highspy.Highs:
    """A solver that prints nothing and gives the same answer on any machine.

    Every solver of a process has to ask for the same number of threads, or it does not run.
    """
    _say_the_notice()
    solver = highspy.Highs()  # type: ignore[no-untyped-call] # highspy has no types
    solver.setOptionValue("output_flag", False)  # noqa: FBT003 - the solver's own signature
    solver.setOptionValue("threads", 1)
    return solver


@cache
def _say_the_notice() -> None:
    """Let the first solver of the process print its notice of copyright to nobody.

    It does so before it can be told to be silent, and below Python's own standard output.
    """
    sys.stdout.flush()
    screen = os.dup(1)
    nobody = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nobody, 1)
        highspy.Highs()  # type: ignore[no-untyped-call] # highspy has no types
    finally:
        os.dup2(screen, 1)
        os.close(nobody)
        os.close(screen)
