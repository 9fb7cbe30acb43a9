import time
from functools import partial
from threading import Barrier, Event

import pytest

from recsys.search.queue import SearchQueue


def test_pieces_of_an_earlier_arrival_go_first() -> None:
    queue, go, done = SearchQueue(1), Event(), []
    first, second = queue.arrive(), queue.arrive()
    begun = queue.submit(go.wait, arrival=first)
    later = queue.submit(lambda: done.append("second"), arrival=second)
    queue.submit(lambda: done.append("first"), arrival=first)
    go.set()
    later.result(5)
    assert begun.result(5)
    assert done == ["first", "second"]


def test_no_more_than_the_limit_run_at_once() -> None:
    queue, go = SearchQueue(2), Event()
    pieces = [queue.submit(go.wait, arrival=queue.arrive()) for _ in range(5)]
    last = queue.arrive()
    until = time.monotonic() + 5
    while sum(piece.running() for piece in pieces) < 2 and time.monotonic() < until:
        time.sleep(0.001)
    assert queue.num_ahead(last) == 3
    assert [piece.running() for piece in pieces] == [True, True, False, False, False]
    go.set()
    assert all(piece.result(5) for piece in pieces)
    assert queue.num_ahead(last) == 0


def test_visitors_who_left_are_neither_served_nor_counted() -> None:
    queue, go, done = SearchQueue(1), Event(), []
    queue.submit(go.wait, arrival=queue.arrive())
    left = queue.submit(partial(done.append, "left"), arrival=queue.arrive())
    stays = queue.arrive()
    stayed = queue.submit(partial(done.append, "stayed"), arrival=stays)
    assert left.cancel()
    assert queue.num_ahead(stays) <= 1
    go.set()
    stayed.result(5)
    assert done == ["stayed"]


def test_work_that_nobody_wants_when_its_turn_comes_is_cancelled() -> None:
    queue, go, done, wanted = SearchQueue(1), Event(), [], Event()
    wanted.set()
    queue.submit(go.wait, arrival=queue.arrive())
    left = queue.submit(partial(done.append, "left"), arrival=queue.arrive(), is_wanted=wanted.is_set)
    stayed = queue.submit(partial(done.append, "stayed"), arrival=queue.arrive())
    wanted.clear()
    go.set()
    stayed.result(5)
    assert left.cancelled()
    assert done == ["stayed"]


def test_an_error_reaches_its_caller_and_the_next_is_served() -> None:
    queue, met = SearchQueue(2), Barrier(2)
    failing = queue.submit(lambda: 1 / 0, arrival=queue.arrive())
    with pytest.raises(ZeroDivisionError):
        failing.result(5)
    both = [queue.submit(met.wait, arrival=queue.arrive()) for _ in range(2)]
    assert sorted(one.result(5) for one in both) == [0, 1]
