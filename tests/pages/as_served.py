"""AppTest runs without work that a served app does once or never, which is most of each run."""

from functools import cache

from streamlit import delta_generator
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import app_test, local_script_runner


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
