"""Processes that work at the same moment."""

from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier


def _start(barrier: Barrier, work: Callable[..., None], arguments: Sequence[object]) -> None:
    barrier.wait(60)
    work(*arguments)


def run_at_once(work: Callable[..., None], *arguments: Sequence[object]) -> None:
    """Do the work with each of the arguments in a process of its own, all from the same moment; none may fail."""
    context = get_context("forkserver")
    context.set_forkserver_preload([work.__module__])  # its imports take a second: once, not in each process
    barrier = context.Barrier(len(arguments))
    processes = [context.Process(target=_start, args=(barrier, work, one)) for one in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * len(processes)
