"""Runs of AppTest without what an app that is served does once, or never, and which is most of each run."""

from functools import cache

from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner


def run_as_served() -> None:
    """Look for components in the installed packages once in this process, and leave Keras' session alone.

    An app that is served has not imported Keras; the process of the tests has, for tests of its networks.
    """
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    script_runner._clean_problem_modules = lambda: None
