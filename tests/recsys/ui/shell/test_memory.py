import gc
import subprocess
import sys
import weakref
from types import SimpleNamespace

from recsys.ui.shell.memory import IdleWatch, tidy

FILLED = """
import psutil
from threading import Thread
from recsys.ui.shell.memory import limit_arenas, tidy
limit_arenas()
def work():
    blocks = [bytearray(50_000) for _ in range(2_000)]
threads = [Thread(target=work) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
tidy()
print(psutil.Process().memory_full_info().uss // 2**20)
"""


def test_it_is_time_to_tidy_once_the_process_rests_after_work() -> None:
    state = SimpleNamespace(now=0.0, worked=0.0)
    watch = IdleWatch(clock=lambda: state.now, work=lambda: state.worked)
    looks = [(2.0, 2.0), (4.0, 2.05), (6.0, 2.05), (8.0, 2.1), (10.0, 4.0), (12.0, 4.0)]
    answers = []
    for state.now, state.worked in looks:
        answers.append(watch.is_time())
    assert answers == [False, True, False, False, False, True]


def test_it_is_time_for_what_was_dropped_though_next_to_nothing_was_done() -> None:
    state = SimpleNamespace(now=0.0, worked=0.0)
    watch = IdleWatch(clock=lambda: state.now, work=lambda: state.worked)
    watch.owe()
    answers = []
    for state.now, state.worked in [(2.0, 2.0), (4.0, 2.0), (6.0, 2.0)]:
        answers.append(watch.is_time())
    assert answers == [False, True, False]


def test_memory_is_returned_every_ten_seconds_even_if_the_process_is_never_idle() -> None:
    state = SimpleNamespace(now=0.0, worked=0.0)
    watch = IdleWatch(clock=lambda: state.now, work=lambda: state.worked)
    overdue = []
    for second in range(2, 42, 2):
        state.now = float(second)
        state.worked = min(state.now, 25.0)
        if watch.is_overdue():
            overdue.append(second)
    assert overdue == [10, 20, 30]


def test_tidying_collects_what_refers_to_itself() -> None:
    class Ring:
        pass

    ring = Ring()
    ring.itself = ring  # type: ignore[attr-defined]
    gone = weakref.ref(ring)
    gc.disable()
    try:
        del ring
        tidy()
    finally:
        gc.enable()
    assert gone() is None


def test_memory_freed_by_many_threads_is_returned_to_the_system() -> None:
    left = subprocess.run([sys.executable, "-c", FILLED], capture_output=True, text=True, check=True)
    assert int(left.stdout) < 60  # six times 100 MB were in use
