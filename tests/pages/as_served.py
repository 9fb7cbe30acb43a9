"""AppTest runs without work that a served app does once or never, which is most of each run."""

from functools import cache

from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner


def run_as_served() -> None:
    """Look for components in the installed packages once per process, and leave Keras' session alone.

    A served app has not imported Keras; the tests' process has, for tests of its networks.
    """
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    script_runner._clean_problem_modules = lambda: None
