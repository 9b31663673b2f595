"""Every `type` of a problem leads to a page, also one that was added without a word about it."""

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from checkin.api import problems
from checkin.web import problem_pages
from checkin.web.problem_pages import Subject

KINDS = sorted({*problems.KINDS.values(), *problems.BY_STATUS.values()})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.slug}-{kind.status}")
async def test_the_type_of_every_problem_resolves(client: AsyncTestClient[Litestar], kind: problems.Kind) -> None:
    answered = await client.get(f"/problems/{kind.slug}")

    assert answered.status_code == 200
    assert answered.headers["content-type"] == "text/html; charset=utf-8"
    assert f"status {kind.status}" in answered.text
    assert f"<code>/problems/{kind.slug}</code>" in answered.text


@pytest.mark.parametrize("slug", ["nothing", "Invalid", "%00", "invalid%2F..", "<script>", "a" * 3000])
async def test_a_page_about_nothing_is_not_found(client: AsyncTestClient[Litestar], slug: str) -> None:
    answered = await client.get(f"/problems/{slug}")

    assert answered.status_code == 404
    assert answered.json()["type"] == "/problems/not-found"


def test_a_kind_nobody_has_written_about_is_told_like_its_class() -> None:
    statuses = range(400, 600)

    told = {status: problem_pages.advice(Subject("brand-new", "Brand new", status)) for status in statuses}

    assert told[409] == problem_pages.BY_STATUS[409]
    assert told[422] == problem_pages.BY_STATUS[400]
    assert told[599] == problem_pages.BY_STATUS[500]
    assert len(told) == len(statuses)


def test_words_are_kept_for_kinds_that_exist_only() -> None:
    slugs = {kind.slug for kind in KINDS}

    assert problem_pages.BY_SLUG.keys() <= slugs
