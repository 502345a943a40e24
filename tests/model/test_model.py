"""Random interleavings of everything that can happen, on the real use cases, the real loop's steps
and a real database. What must hold is in `world.World.check` and `finish`."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.domain.decision import Action
from bot.ports import Queue
from tests.model.outside import FAULTS
from tests.model.world import MAX, MORGAN, NORA, RILEY, World, template_at

ENOUGH = 4  # purchases in one example
WORKERS = st.integers(0, 1)
WHICH = st.integers(0, 11)
NUMBERS = ["+16045551001", "+16045551002"]
TRUE_NOW_AND_THEN = st.sampled_from([False, False, False, True])


class Model(RuleBasedStateMachine):
    """One example: a world that starts empty."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="dialtone-model-"))
        self.world = World(self.folder, self.template)

    def _purchase(self, which: int) -> str:
        return self.world.accepted[which % len(self.world.accepted)]

    def _has_purchases(self) -> bool:
        return bool(self.world.accepted)

    def _has_room(self) -> bool:
        return len(self.world.accepted) < ENOUGH

    # ── people ──
    @precondition(_has_room)
    @rule(number=st.sampled_from([None, None, *NUMBERS]), again=TRUE_NOW_AND_THEN)
    def command(self, number: str | None, again: bool) -> None:
        self.world.buy(number, self.world.last_trigger if again else None)

    @precondition(_has_purchases)
    @rule(which=WHICH)
    def approve(self, which: int) -> None:
        self.world.click(self._purchase(which), Action.APPROVE, MORGAN)

    @precondition(_has_purchases)
    @rule(
        which=WHICH,
        action=st.sampled_from(Action),
        actor=st.sampled_from([RILEY, MORGAN, MAX, NORA]),
        stale=st.sampled_from([0, 0, 0, 1, -1]),
        again=TRUE_NOW_AND_THEN,
        told=WHICH,
    )
    def click(
        self, which: int, action: Action, actor: str, stale: int, again: bool, told: int
    ) -> None:
        purchase_id = self._purchase(which)
        outside = self.world.outside
        known = [*sorted(outside.account), "+14155550100"]
        copies = sorted(place for place, (of, _) in outside.shown.items() if of == purchase_id)
        self.world.click(
            purchase_id,
            action,
            actor,
            stale=stale,
            number=known[told % len(known)] if action is Action.BOUGHT else None,
            trigger=self.world.last_trigger if again else None,
            copy=copies[told % len(copies)] if copies else None,
        )

    # ── the bot ──
    @rule(worker=WORKERS, queue=st.sampled_from(Queue))
    def claim(self, worker: int, queue: Queue) -> None:
        self.world.workers[worker].claim(queue, 1)

    @rule(worker=WORKERS, which=WHICH, calls=st.integers(1, 6))
    def go_on(self, worker: int, which: int, calls: int) -> None:
        """Let a few calls pass, one after the other."""
        mine = self.world.workers[worker]
        for _ in range(calls):
            if waiting := mine.gates.waiting:
                mine.let_pass(waiting[which % len(waiting)])

    @rule(worker=WORKERS)
    def go_on_for_long(self, worker: int) -> None:
        self.world.workers[worker].turn()

    # ── time and trouble ──
    @rule(seconds=st.sampled_from([0.5, 3, 3, 11, 21, 70, 599, 1800]))
    def tick(self, seconds: float) -> None:
        self.world.tick(seconds)

    @rule(kind=st.sampled_from(sorted(FAULTS)), which=WHICH, times=st.sampled_from([1, 1, 2]))
    def trouble(self, kind: str, which: int, times: int) -> None:
        known = FAULTS[kind]
        self.world.outside.faults[kind] += [known[which % len(known)]] * times

    @rule(worker=WORKERS)
    def kill(self, worker: int) -> None:
        self.world.replace(worker)

    @rule(worker=WORKERS, which=WHICH)
    def kill_after_a_call(self, worker: int, which: int) -> None:
        waiting = self.world.workers[worker].gates.waiting
        self.world.replace(worker, waiting[which % len(waiting)] if waiting else None)

    @rule()
    def restart(self) -> None:
        self.world.restart()

    @rule(worker=WORKERS)
    def stop(self, worker: int) -> None:
        self.world.stop(worker)

    @rule()
    def somebody_deletes_a_card(self) -> None:
        shown = self.world.outside.shown
        if shown:
            del shown[max(shown)]

    # ── what must hold ──
    @invariant()
    def nothing_twice_and_the_audit_explains_it(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        try:
            self.world.finish()
        finally:
            self.world.close()
            shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template_at(tmp_path_factory.mktemp("model"))


def run(template: Path, examples: int, steps: int) -> None:
    class Here(Model):
        pass

    Here.template = template
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=examples < 100,  # make test finds the same every time
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nothing_is_lost_and_nothing_is_bought_twice(template: Path) -> None:
    run(template, examples=40, steps=40)


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_is_bought_twice_however_long_one_tries(
    template: Path,
) -> None:
    run(template, examples=1500, steps=80)
