import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from recsys.search.networks import networks_of
from recsys.settings import Settings


def test_numpy_keeps_to_one_thread_so_that_the_network_need_not_wait_for_cores(settings: Settings) -> None:
    threadpool_limits(2, user_api="blas")
    networks_of(settings)
    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    assert np.dot(np.eye(2), np.eye(2)).any()
    assert {library["num_threads"] for library in libraries} == {1}
