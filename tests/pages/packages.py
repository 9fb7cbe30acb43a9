"""AppTest has Streamlit look through every installed package for components at each run; a server does so once."""

from functools import cache

from streamlit.components.v2 import manifest_scanner


def scan_packages_once() -> None:
    """Let this process do so once, too: it is half of what a run takes."""
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
