"""What SECURITY.md promises of the whole tree: no pickle, no remote code, loopback only, an audit honest offline."""

import ast
import io
import json
import os
import pickle
import re
import subprocess
from pathlib import Path

import pytest

from agents.language.adapters import check_adapters
from agents.language.identity import model_identity
from agents.language.protocol import LanguageModelError
from agents.language.tokens import TextCodec
from agents.subpopulations.adapter_base import Base, check_base
from sim.errors import InputError

ROOT = Path(__file__).parents[1]
SOURCES = [path for part in ("sim", "agents", "platforms", "experiments") for path in (ROOT / part).rglob("*.py")]
PICKLES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "jsonpickle"}
EXECUTING = {"torch.load", "np.load", "numpy.load", "pd.read_pickle", "pandas.read_pickle", "yaml.load", "os.system"}
SANDBOX = ROOT / "platforms" / "oversight" / "sandbox" / "confined.py"


def offences(tree):
    """Imports of picklers, calls that run what a file holds, remote code, and servers open to the network."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            yield from (name for name in names if name.split(".")[0] in PICKLES)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            yield from [called] if called in EXECUTING | {"eval", "exec", "__import__"} else []
            given = [(keyword.arg, ast.unparse(keyword.value)) for keyword in node.keywords]
            # A quantised model comes from a package of ours, checked by its hash.
            if re.match(r"Auto\w+\.from_pretrained", called) and "gguf_file" not in dict(given):
                wanted = [("trust_remote_code", "False"), ("local_files_only", "True")]
                wanted += [] if "Tokenizer" in called else [("use_safetensors", "True")]
                yield from (f"{called} without {name}={value}" for name, value in set(wanted) - set(given))
            for name, value in given:
                if (name, value) in {
                    ("trust_remote_code", "True"),
                    ("allow_pickle", "True"),
                    ("weights_only", "False"),
                    ("use_safetensors", "False"),
                    ("shell", "True"),
                    ("autoescape", "False"),
                    ("verify", "False"),
                }:
                    yield f"{name}={value}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (word for word in ("0.0.0.0", "--trust-remote-code") if word in node.value.split())  # noqa: S104


def test_nothing_in_the_tree_unpickles_runs_files_or_listens_to_the_network():
    found = {
        f"{path.relative_to(ROOT)}: {offence}"
        for path in SOURCES
        for offence in offences(ast.parse(path.read_text(encoding="utf-8")))
    }
    here = SANDBOX.relative_to(ROOT)
    assert found == {
        f"{here}: exec",  # the sandbox's own process, behind its walls
        f"{here}: eval",
        f"{here}: __import__",
        "experiments/dashboard/server.py: 0.0.0.0",  # compared with the address that was asked for, never a default
        "experiments/report/templates.py: autoescape=False",  # Markdown: `finalize` escapes, and tests say so
    }
    assert len(SOURCES) > 400


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "m(trust_remote_code=True)",
        "np.load(p, allow_pickle=True)",
        "serve(host='0.0.0.0')",
        "run(['vllm', '--trust-remote-code'])",
        "subprocess.run(text, shell=True)",
        "AutoModel.from_pretrained(p, local_files_only=True, trust_remote_code=False)",
    ],
)
def test_each_offence_is_seen(code):
    assert list(offences(ast.parse(code)))


class Runs:
    """Creates a file where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture
def pickled(tmp_path):
    """Bytes that touch a file when they are unpickled, and that file."""
    touched = tmp_path / "touched"
    content = pickle.dumps(Runs(touched))
    pickle.load(io.BytesIO(content))  # noqa: S301 - it does what the tests fear
    touched.unlink()
    return content, touched


def test_an_adapter_in_a_pickle_file_is_refused_unread(pickled, tmp_path):
    content, touched = pickled
    (tmp_path / "adapter_config.json").write_text('{"r": 2, "target_modules": ["q_proj"]}')
    (tmp_path / "adapter_model.bin").write_bytes(content)
    with pytest.raises(LanguageModelError, match=r"\.bin files are not loaded"):
        check_adapters({"x": tmp_path})
    assert not touched.exists()


def test_a_model_in_a_pickle_file_is_refused_unread(pickled, tmp_path):
    content, touched = pickled
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(content)
    with pytest.raises(LanguageModelError, match=r"\*\.safetensors"):
        model_identity(tmp_path)
    assert not touched.exists()


def test_a_pickle_named_safetensors_is_not_unpickled(pickled, tmp_path):
    content, touched = pickled
    (tmp_path / "adapter_model.safetensors").write_bytes(content)
    (tmp_path / "adapter_config.json").write_text('{"r": 2, "target_modules": ["q_proj"]}')
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InputError, match="holds no safetensors"):
        check_base("x", tmp_path, tmp_path, "w", Base(weights_sha256="w"))
    assert not touched.exists()


def test_a_model_that_brings_code_of_its_own_is_refused_and_nothing_of_it_runs(tmp_path):
    touched = tmp_path / "touched"
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "own.py").write_text(f"open({str(touched)!r}, 'w')")
    names = {"AutoConfig": "own.C", "AutoModel": "own.M", "AutoTokenizer": ["own.T", "own.T"]}
    for name in ("config.json", "tokenizer_config.json"):
        (tmp_path / name).write_text(json.dumps({"auto_map": names, "model_type": "own", "tokenizer_class": "T"}))
    with pytest.raises(Exception, match=r"trust_remote_code|own"):
        TextCodec(tmp_path)
    assert not touched.exists()


def test_an_audit_without_network_says_so_and_fails_nothing():
    nowhere = {**os.environ, "https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "no_proxy": ""}
    audit = subprocess.run([ROOT / ".ci" / "audit"], env=nowhere, capture_output=True, text=True, check=False)
    assert audit.returncode == 0
    assert audit.stdout.startswith("audit: NOT DONE: the advisories")
