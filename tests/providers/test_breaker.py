"""When a provider is held to be down, and when it is asked again. Time is a number here."""

from bot.providers.breaker import Breaker, Trip

TRIP = Trip(failures=4, spread=5, gap=60, pause=15, trials=3)


def opened(at: float = 9) -> Breaker:
    """A breaker that four failures have opened, the last of them at that time."""
    breaker = Breaker(TRIP)
    for now in (at - 9, at - 6, at - 3, at):
        assert breaker.admits(now)
        breaker.failed(now)
    assert breaker.is_open
    return breaker


def test_several_failures_in_a_row_open_it_and_fewer_do_not() -> None:
    breaker = Breaker(TRIP)
    for now in (0, 5, 10):
        breaker.failed(now)
        assert not breaker.is_open
        assert breaker.admits(now)
    breaker.failed(11)
    assert breaker.is_open
    assert not breaker.admits(11)


def test_a_burst_of_failures_does_not_open_it_until_it_has_lasted() -> None:
    breaker = Breaker(TRIP)
    for hundredth in range(490):
        breaker.failed(hundredth / 100)
    assert not breaker.is_open
    breaker.failed(5)
    assert breaker.is_open


def test_an_answer_between_them_starts_the_count_anew() -> None:
    breaker = Breaker(TRIP)
    for now in (0, 5, 10):
        breaker.failed(now)
    breaker.answered()
    for now in (11, 16, 21):
        breaker.failed(now)
    assert not breaker.is_open


def test_failures_far_apart_have_nothing_to_do_with_each_other() -> None:
    breaker = Breaker(TRIP)
    for minute in range(20):
        breaker.failed(minute * 61)
    assert not breaker.is_open


def test_open_it_lets_nothing_through_until_the_pause_is_over() -> None:
    breaker = opened(at=9)
    assert not any(breaker.admits(now) for now in (9, 15, 23.9))
    assert breaker.admits(24)


def test_after_the_pause_the_calls_of_one_command_go_out_and_no_others() -> None:
    breaker = opened(at=9)
    assert [breaker.admits(24) for _ in range(5)] == [True, True, True, False, False]
    assert not breaker.admits(38.9)


def test_trials_that_never_report_back_are_followed_by_others() -> None:
    breaker = opened(at=9)
    while breaker.admits(24):
        pass
    assert breaker.admits(39)


def test_a_trial_that_fails_begins_another_pause() -> None:
    breaker = opened(at=9)
    assert breaker.admits(30)
    breaker.failed(31)
    assert not breaker.admits(31)
    assert not breaker.admits(45.9)
    assert breaker.admits(46)


def test_a_trial_that_is_answered_closes_it_and_all_go_through() -> None:
    breaker = opened(at=9)
    assert breaker.admits(24)
    breaker.answered()
    assert not breaker.is_open
    assert all(breaker.admits(24) for _ in range(9))
    breaker.failed(25)
    assert not breaker.is_open


def test_an_answer_that_comes_without_a_trial_closes_it_too() -> None:
    breaker = opened(at=9)
    breaker.answered()  # a confirm's, say, which is never held back
    assert breaker.admits(10)
