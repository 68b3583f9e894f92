"""What an index withstands: kills, failing calls, power failures, damage, and being switched under its readers."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from eval.bench.durability.damage import disturb, flip_all, flip_some
from eval.bench.durability.edits import update
from eval.bench.durability.faults import FAULTS, apart, die, fail
from eval.bench.durability.killing import kill, turned_away
from eval.bench.durability.power import fail_power
from eval.bench.durability.swapping import swap
from eval.bench.durability.updating import Updated, build, edit, searched_meanwhile
from eval.bench.timing import Row, Spread
from rag.generations import current
from rag.settings import Settings

KILLS, IMAGES, FLIPS, READERS, SWAPS, ARTICLES, EDITS = 1000, 500, 10_000, 8, 100, 1000, 10


def rows(settings: Settings) -> Iterator[Row]:
    """Yield a row for each thing that was tried; all are counts of what must not happen, but for times and sizes."""
    del settings
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        for measure in (_killed, _died, _failed, _without_power, _damaged, _swapped, _updated):
            part = folder / measure.__name__
            part.mkdir()
            yield from measure(part)


def _killed(folder: Path) -> Iterator[Row]:
    told = kill(folder / "index", KILLS)
    what = f"index, writer killed {told.kills:,} times within {told.updates:,} updates"
    yield Row(f"{what}: cannot be opened", f"{told.unreadable}")
    yield Row(f"{what}: neither as acknowledged nor as in flight", f"{told.wrong}")
    yield Row(f"{what}: leftovers once the next has begun", f"{told.left}")
    yield Row(f"{what}: longest wait of the next, s", f"{told.lock_s:.3f}")
    yield Row("index, a second writer is turned away and told who writes, s", f"{turned_away(folder / 'index'):.3f}")


def _died(folder: Path) -> Iterator[Row]:
    told = apart(die, folder / "index")
    what = f"index, writer ended at each of its calls to the system, twice in a row ({told.faults:,} times)"
    yield Row(f"{what}: neither before nor after the update", f"{told.wrong}")
    yield Row(f"{what}: next update fails or leaves something", f"{told.stuck + told.left}")


def _failed(folder: Path) -> Iterator[Row]:
    for number, fault in enumerate(FAULTS):
        told = fail(folder / f"index{number}", fault)
        lasting = " from then on" if fault.lasts else ""
        what = f"index, {fault.name}{lasting} at each of {told.faults:,} calls of an update, {told.refused:,} refused"
        yield Row(f"{what}: neither before nor after", f"{told.wrong}")
        yield Row(f"{what}: no clear line, leftovers, or next update fails", f"{told.unclear + told.left + told.stuck}")


def _without_power(folder: Path) -> Iterator[Row]:
    told = fail_power(folder, IMAGES)
    yield Row(f"index, {told.images:,} power failures among {told.moments:,} calls: bad images", f"{told.bad}")


def _damaged(folder: Path) -> Iterator[Row]:
    index, other = folder / "index", folder / "other"
    update(index, 1)
    update(other, 2)
    for what, found in (
        ("bits of CURRENT and the manifest flipped", flip_all(index)),
        ("random bits of the other files flipped", flip_some(index, FLIPS)),
        ("files cut, swapped, replaced, removed, added", disturb(index, current(other))),
    ):
        yield Row(f"index, {found.damages:,} {what}: not found when opened", f"{len(found.missed)}")


def _swapped(folder: Path) -> Iterator[Row]:
    told = swap(folder / "index", READERS, SWAPS)
    what = f"index, {READERS} readers through {SWAPS} switches, {sum(each.answers for each in told):,} answers"
    yield Row(f"{what}: errors", f"{sum(each.errors for each in told)}")
    yield Row(f"{what}: answers of mixed generations", f"{sum(each.mixed for each in told)}")
    yield Row(f"{what}: generations seen, the fewest", f"{min(each.generations for each in told)}")
    yield Row(f"{what}: memory after against before, the most", f"{max(each.growth for each in told):.2f}x")


def _updated(folder: Path) -> Iterator[Row]:
    build(folder / "index", ARTICLES)
    alone = [edit(folder / "index", ARTICLES, each) for each in range(1, EDITS + 1)]
    beside, took = searched_meanwhile(folder / "index", ARTICLES, range(EDITS + 1, 2 * EDITS + 1))
    what = f"index, 1 of {ARTICLES:,} articles edited"
    yield Row(f"{what}, s beside embedding", _spread(alone))
    for part in alone[0].parts:
        yield Row(f"{what}, s to {part}", Spread.of([each.parts[part] for each in alone]).text())
    yield Row(f"{what} while it is searched, s beside embedding", _spread(beside))
    yield Row(f"{what}: searches meanwhile, ms", Spread.of(took).text(scale=1000))


def _spread(updates: list[Updated]) -> str:
    return Spread.of([each.seconds for each in updates]).text()
