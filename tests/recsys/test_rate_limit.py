"""Limits on how often somebody may do something."""

import time

import pytest

from recsys.rate_limit import RateLimit


def test_each_key_has_its_own_limit_and_slots_free_up_one_by_one() -> None:
    limit = RateLimit(2, 0.4)
    assert limit.take("a")
    time.sleep(0.2)
    assert limit.take("a")
    assert not limit.take("a")
    assert not limit.has_room("a")
    assert limit.take("b")
    time.sleep(0.25)
    assert limit.take("a")
    assert not limit.has_room("a")


def test_setting_the_clock_back_locks_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    limit, now = RateLimit(1, 0.1), time.time()
    assert limit.take("a")
    monkeypatch.setattr(time, "time", lambda: now - 86400)
    time.sleep(0.12)
    assert limit.take("a")
