import json

from tests.advisories import obstacle, verdict


def test_advisories_that_cannot_be_reached_are_said_to_be_out_of_reach() -> None:
    assert "does not answer" in str(obstacle("http://127.0.0.1:9/pypi/pip/json"))


def test_vulnerabilities_are_named_and_what_could_not_be_judged_is_not_counted() -> None:
    packages = [
        {"name": "a", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]},
        {"name": "b", "version": "2.0", "vulns": []},
        {"name": "c", "skip_reason": "not found"},
    ]
    found = (["a 1.0: PYSEC-1, mended in 1.1"], "2 of 3 packages")
    assert verdict(json.dumps({"dependencies": packages, "fixes": []})) == found
