"""Only what lies in the allowed folders is opened, whatever is typed and whatever links say."""

from __future__ import annotations

import pytest

from experiments.dashboard import roots
from sim.errors import InputError


@pytest.mark.parametrize("typed", ["/etc", "../..", "/", "~", "", "  ", "a\0b", "x" * 5000, "../" * 20 + "etc/passwd"])
def test_outside_is_refused(typed, finished):
    with pytest.raises(InputError, match="path"):
        roots.within(typed)


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "status.json").write_text("{}")
    (inside / "link").symlink_to(outside)
    roots.allow(str(inside), [])
    with pytest.raises(InputError, match="outside"):
        roots.within(str(inside / "link"))
    with pytest.raises(InputError, match="outside"):
        roots.within("link/status.json")
    assert roots.listing() == ()


def test_inside_is_found_by_either_way_of_naming_it(finished):
    assert roots.within(str(finished)) == finished.resolve()
    assert roots.within(finished.name) == finished.resolve()
    with pytest.raises(InputError, match="nothing lies there"):
        roots.within("not-there")
    assert roots.listing() == (finished.resolve(),)


def test_a_folder_that_is_not_there_is_refused_at_the_start():
    with pytest.raises(InputError, match="folder"):
        roots.allow("/not/there", [])
