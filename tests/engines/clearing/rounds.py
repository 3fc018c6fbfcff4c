"""Clearing rounds for tests: drawn by Hypothesis, and small ones with round figures."""

from hypothesis.strategies import DrawFn, composite, integers, sampled_from

from evernormal.domain.allocation import Arc, Pool, Request, Round
from evernormal.domain.values import Fen


def pool(id_: str, *, cards: int = 8, price: int = 1, **more: object) -> Pool:
    """A pool with round figures."""
    return Pool(id_, "PR1", "S1", "C1", cards, Fen(price), **more)  # type: ignore[arg-type]


def arc(pool_id: str, *, speed: int = 1, gang: int = 1, most: int = 64) -> Arc:
    """An arc with round figures."""
    return Arc(pool_id, speed, gang, most - most % gang)


def request(id_: str, *arcs: Arc, work: int = 10_000, budget: int = 100, **more: object) -> Request:
    """A request with round figures, of an applicant of its own; its number is in its id."""
    number = int("".join(c for c in id_ if c.isdigit()) or 0)
    facts = {"applicant_id": f"A-{id_}", "number": number} | more
    return Request(id=id_, arcs=arcs, work=work, budget=Fen(budget), **facts)  # type: ignore[arg-type]


@composite
def rounds(draw: DrawFn, *, largest: int = 6, gangs: bool = True) -> Round:
    """A round with all that a round can have: gangs, reserved cards, windows, own money."""
    groups = ("", "g1", "g2")
    pools = []
    for n in range(draw(integers(1, 4))):
        cards = draw(integers(0, 24))
        kept: dict[str, int] = {}
        for group in groups[1:]:
            kept[group] = draw(integers(0, max(0, cards - sum(kept.values())))) // 2
        pools.append(pool(f"P{n}", cards=cards, price=draw(integers(1, 5)), reserved=kept))
    hours = draw(integers(1, 12))
    requests = []
    for n in range(draw(integers(1, largest))):
        arcs = []
        for one in pools:
            if draw(integers(0, 2)):
                gang = draw(sampled_from((1, 2, 4))) if gangs else 1
                most = gang * draw(integers(1, 8))
                arcs.append(arc(one.id, speed=draw(integers(1, 9)), gang=gang, most=most))
        requests.append(
            request(
                f"R{n}",
                *arcs,
                work=draw(integers(1, 600)),
                budget=draw(sampled_from((0, 5, 60, 60, 300))),
                own=Fen(draw(sampled_from((0, 0, 40)))),
                group=draw(sampled_from(groups)),
                score=draw(integers(0, 5)),
                earliest=draw(sampled_from((0, 0, 3))),
                deadline=draw(sampled_from((None, None, 2, 8))),
            )
        )
    return Round("RD1", hours, tuple(pools), tuple(requests), seed="2026-11 4021.97", tiers=(4, 2))
