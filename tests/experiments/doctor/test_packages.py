"""Python and packages: a missing, an old or a broken one is named with what to do."""

import importlib
import sys

import pytest

from experiments.doctor import packages


def program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(("version", "state"), [((3, 10), "fail"), ((3, 11), "ok"), ((3, 12), "ok"), ((3, 13), "fail")])
def test_only_pythons_that_work_are_fine(version, state):
    assert packages.python(version).state == state


def test_what_runs_need_is_here():
    assert packages.requirements().state == "ok", packages.requirements()
    assert packages.torch_build().state == "ok"
    assert packages.git().state == "ok"


def test_a_missing_and_an_old_requirement_are_named(tmp_path, monkeypatch):
    folder = tmp_path / "equipolis-9.dist-info"
    folder.mkdir()
    needs = ("no-such-package>=3", "numpy<1", "rich>=1", 'absent; extra == "other"')
    lines = ["Metadata-Version: 2.1", "Name: equipolis", "Version: 9", *(f"Requires-Dist: {one}" for one in needs)]
    (folder / "METADATA").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    found = packages.requirements()
    assert found.state == "fail"
    assert "no-such-package missing, needs >=3" in found.found
    assert "numpy" in found.found
    assert "rich" not in found.found
    assert "absent" not in found.found


def test_other_versions_than_tested_are_a_warning(tmp_path):
    file = tmp_path / "constraints.txt"
    file.write_text("rich==0.0.1\nno-such-package==1\n# a comment\n")
    found = packages.constraints(file)
    assert found.state == "warn"
    assert "tested 0.0.1" in found.found
    assert packages.constraints(tmp_path / "nowhere").state == "ok"
    assert packages.constraints().state == "ok", packages.constraints()


@pytest.mark.parametrize("check", [packages.ray, packages.dashboard, packages.vllm])
def test_a_part_that_is_not_installed_is_a_warning_with_a_remedy(check, monkeypatch):
    for name in ("ray", "solara", "vllm"):
        monkeypatch.setitem(sys.modules, name, None)  # Python's own sign for a module that is not there
    found = check()
    assert found.state == "warn"
    assert found.remedy


def test_a_torch_that_cannot_be_imported_is_a_failure(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    found = packages.torch_build()
    assert found.state == "fail"
    assert "torch" in found.found


def test_a_vllm_that_cannot_be_imported_is_a_failure_with_its_last_words(tmp_path):
    python = program(tmp_path / "python", "#!/bin/sh\necho operator torchvision::nms does not exist >&2\nexit 1\n")
    found = packages.vllm(python)
    assert found.state == "fail"
    assert "torchvision::nms" in found.found
    assert "uninstall" in found.remedy


def test_no_checkout_is_a_warning(tmp_path):
    assert packages.git(tmp_path).state == "warn"
