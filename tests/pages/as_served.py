"""AppTest runs without work that a served app does once or never, which is most of each run."""

from collections.abc import Callable
from functools import cache, partial

from streamlit import delta_generator
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import app_test, local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner


def run_as_served() -> None:
    """Look for components in the installed packages now, and compile each page once; leave Keras' session alone.

    A served app has not imported Keras; the tests' process has, for tests of its networks. Nor is the app told how to
    be started.
    """
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    manifest_scanner.scan_component_manifests()
    delta_generator._use_warning_has_been_displayed = True
    compiled = ScriptCache()
    app_test.ScriptCache = local_script_runner.ScriptCache = lambda: compiled
    script_runner._clean_problem_modules = lambda: None
    local_script_runner.require_widgets_deltas = partial(_wait, local_script_runner.require_widgets_deltas)


def _wait(ask: Callable[..., None], runner: LocalScriptRunner, timeout: float) -> None:
    """Wait for the end of a run before asking for it, which AppTest does a thousand times a second."""
    runner._script_thread.join(timeout)
    ask(runner, timeout)
