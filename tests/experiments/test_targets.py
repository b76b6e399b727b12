"""A configuration is data: it can't make the program call what is not made for it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf

import conf
import experiments
from experiments.command import BAD_INPUT, run
from experiments.making import made
from experiments.provenance import hashes_of_files
from experiments.targets import check_names, check_targets, named
from experiments.validate import validate
from sim.errors import InputError

MARK = "made by a configuration"
FOREIGN = [
    "os.system",
    "subprocess.Popen",
    "builtins.eval",
    "builtins.exec",
    "builtins.getattr",
    "pickle.loads",
    "torch.load",
    "shutil.rmtree",
    "importlib.import_module",
    "hydra.utils.get_method",
    "hydra.utils.get_object",
    "hydra.utils.instantiate",
    "functools.partial",
    "operator.methodcaller",
    "simulator.anything",
    "sim",
    "",
    "..os.system",
    "sim..os",
    "sim.alignment_game.AlignmentGame.__init__",
    "sim.alignment_game.AlignmentGame.__subclasses__",
    "sim.alignment_game.np.ctypeslib.ctypes.CDLL",
    "sim.compiling.ctypes.CDLL",
    "sim.simplex.np.load",
    "sim.simplex.np",
    "experiments.backends.Path",
    "experiments.studies.estimators.named",
    "experiments.studies.oversight.language_store.made",
    "experiments.run_directory.subprocess.run",
    "experiments.command.main",
    "experiments.making.made",
    "agents.language.server_process.ServerProcess",
    "agents.language.lifeline.main",
    "agents.subpopulations.training.train_adapter",
    "agents.subpopulations.sources.fetch.obtain",
    "agents.subpopulations.sources.user_file.read_table",
    "agents.subpopulations.post_pool.PostPool",
    "platforms.oversight.sandbox.sandbox.Sandbox",
    "platforms.oversight.sandbox.confined.main",
]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_name_is_refused_by_its_key_before_it_is_called(name):
    with pytest.raises(InputError) as caught:
        made(OmegaConf.create({"_target_": name}))
    assert caught.value.field == "_target_"
    assert caught.value.value == name


@pytest.mark.parametrize("name", [None, 5, ["os.system"], {"a": "os.system"}])
def test_a_target_that_is_no_name_is_refused(name):
    with pytest.raises(InputError, match="_target_"):
        check_targets({"_target_": name})


def forms(path):
    call = {"_target_": "os.system", "_args_": [f"touch {path}"]}
    step = {"_target_": "sim.dynamics.step_size.StepSize", "initial": 0.1}
    return {
        "plain": call,
        "partial": {**call, "_partial_": True},
        "nested": {**step, "decay_rounds": call},
        "in a list": {**step, "decay_rounds": [1, [call]]},
        "not made at once": {**step, "_recursive_": False, "decay_rounds": {"deeper": call}},
        "by a reference": {**step, "initial": {"_target_": "${decay_rounds}", "_args_": [f"touch {path}"]}}
        | {"decay_rounds": "os.system"},
        "by a made node": {**step, "decay_rounds": f"${{oc.create:{{_target_: os.system, _args_: ['touch {path}']}}}}"},
        "as a function of the estimators": {
            "_target_": "experiments.studies.estimators.function",
            "path": "os.system",
        },
    }


@pytest.mark.parametrize("form", forms(""))
def test_no_form_of_a_node_hides_a_name(form, tmp_path):
    path = tmp_path / "touched"
    with pytest.raises(InputError, match=r"os\.system"):
        made(OmegaConf.create(forms(path)[form]))
    assert not path.exists()


def test_a_foreign_name_stops_the_command_before_there_is_a_directory(composed, console, tmp_path):
    inside = tmp_path / "runs"
    config = composed(
        "experiment=synthetic", f"run.directory={inside}", "dynamics._target_=os.system", "++dynamics.command=false"
    )
    assert run(config, console) == BAD_INPUT
    assert "dynamics._target_ = os.system" in " ".join(console.file.getvalue().split())
    assert not inside.exists()


def test_a_configuration_cannot_read_the_environment(composed, monkeypatch):
    monkeypatch.setenv("ANY_VARIABLE", "what it holds")
    for reference in ("${oc.env:ANY_VARIABLE}", "${${run.name}.env:ANY_VARIABLE}"):
        config = composed("experiment=synthetic", "run.name=oc", f"run.directory='{reference}'")
        with pytest.raises(InputError, match=r"run\.directory.*can't read the environment"):
            validate(config)


def test_modules_of_the_users_own_are_vouched_for_in_the_environment_only(monkeypatch):
    with pytest.raises(InputError, match="EQUIPOLIS_MODULES=module"):
        named("fractions.Fraction")
    monkeypatch.setenv("EQUIPOLIS_MODULES", "decimal, fractions")
    assert made(OmegaConf.create({"_target_": "fractions.Fraction", "numerator": 3})) == 3
    with pytest.raises(InputError):
        named("fractions_of.Anything")


def test_a_key_that_the_maker_does_not_take_is_named_before_it_is_called():
    node = {"_target_": "agents.subpopulations.sources.user_file.load", "_partial_": True, "optoins": 3}
    with pytest.raises(InputError, match=r"data\.optoins = 3: no such key; there are path, group"):
        check_targets({"data": node})


def test_a_module_of_the_users_own_is_among_the_files_of_a_run(tmp_path, monkeypatch):
    (tmp_path / "rules_of_mine.py").write_text("class Mine: ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("EQUIPOLIS_MODULES", "rules_of_mine")
    config = {"dynamics": {"_target_": "rules_of_mine.Mine"}, "language": {}}
    before = hashes_of_files(config)
    assert list(before) == [str(tmp_path / "rules_of_mine.py")]
    (tmp_path / "rules_of_mine.py").write_text("class Mine: step = 2\n")
    assert hashes_of_files(config) != before
    assert hashes_of_files({"dynamics": {"_target_": "sim.dynamics.Logit"}}) == {}


def test_every_name_in_the_shipped_configurations_may_be_named():
    texts = [file.read_text(encoding="utf-8") for file in Path(conf.__file__).parent.rglob("*.yaml")]
    for text in texts:
        check_targets({key: value for key, value in (yaml.safe_load(text) or {}).items() if key != "defaults"})
    assert sum("_target_" in text for text in texts) > 20
    schemas = Path(experiments.__file__).parent.glob("schema*.py")
    names = [
        name for file in schemas for name in re.findall(r'_target_: str = "(.+)"', file.read_text(encoding="utf-8"))
    ]
    assert len(names) > 60
    for name in names:
        assert named(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "node",
    [
        "callbacks: {own: {_target_: os.system, command: 'touch PATH'}}",
        "callbacks: {own: {_target_: subprocess.Popen, args: [touch, PATH]}}",
        "job_logging: {filters: {own: {(): os.system, command: 'touch PATH'}}}",
    ],
)
def test_hydra_itself_refuses_what_runs_code_in_its_own_node(tmp_path, node):
    touched = tmp_path / "touched"
    (tmp_path / "experiment").mkdir()
    text = f"# @package _global_\nhydra:\n  {node.replace('PATH', str(touched))}\n"
    (tmp_path / "experiment" / "theirs.yaml").write_text(text)
    given = ["--config-dir", tmp_path, "experiment=theirs", "run.seeds=0", f"run.directory={tmp_path / 'runs'}"]
    command = [sys.executable, "-m", "experiments.command", *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "blocklisted" in done.stdout, done.stdout
    assert not touched.exists()


def test_names_are_checked_without_an_import():
    check_names({"_target_": "sim.not_there.Nothing"})
    with pytest.raises(InputError, match="can't be found"):
        named("sim.not_there.Nothing")
