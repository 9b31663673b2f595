"""What the document says of an answer, held against the answers that the tests get."""

import json
import re
from functools import cache
from pathlib import Path

from httpx import Response

from checkin.api.problems import MEDIA_TYPE

DOCUMENT = Path(__file__).parents[2] / "openapi" / "openapi.json"
Kinds = dict[int, set[str]]
"""The types of problem by status; none where the status is that of no problem."""


def is_told_of(response: Response) -> bool:
    """Whether the document shows the status of an answer, and the kind of problem where it is one.

    Of paths and methods that are not in it, it says nothing.
    """
    path = response.request.url.raw_path.decode().partition("?")[0]
    methods = next((methods for form, methods in _paths() if form.fullmatch(path)), {})
    kinds = methods.get({"HEAD": "GET"}.get(response.request.method, response.request.method))
    if kinds is None:
        return True
    told = kinds.get(response.status_code)
    if not told or response.request.method == "HEAD":
        return told is not None
    return response.json()["type"] in told


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Kinds]]]:
    """Return the form of each path, and what its methods answer; plain ones first, as they are looked for."""
    spec = json.loads(DOCUMENT.read_text())
    shown = {
        f"#/components/responses/{name}": {one["value"]["type"] for one in content["examples"].values()}
        for name, response in spec["components"]["responses"].items()
        for content in [response["content"][MEDIA_TYPE]]
    }
    found = []
    for path, item in sorted(spec["paths"].items(), key=lambda one: "{" in one[0]):
        form = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
        methods = {
            method.upper(): {
                int(status): shown.get(one.get("$ref"), set()) for status, one in told["responses"].items()
            }
            for method, told in item.items()
        }
        found.append((form, methods))
    return found
