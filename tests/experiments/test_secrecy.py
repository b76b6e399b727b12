"""A key is in the environment and nowhere else: no configuration, manifest, report, log or message holds one."""

import http.server
import json
import os
import threading

import pytest

from experiments.backends import endpoint
from experiments.command import BACKEND_FAILED, BAD_INPUT, run
from experiments.run_directory import RunDirectory
from experiments.secrecy import hidden
from experiments.validate import validate
from sim.errors import InputError

SECRET = "sk-0123456789abcdef"
SMALL = ("experiment=synthetic", "run.seeds=2", "platform.rounds=40", "platform.accounts=3")
VARIABLES = ("EQUIPOLIS_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "my_service_token")


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    for number, name in enumerate(VARIABLES):
        monkeypatch.setenv(name, f"{SECRET}-{number}")


def holds_a_secret(directory):
    return [p for p in directory.rglob("*") if SECRET in p.name or (p.is_file() and SECRET.encode() in p.read_bytes())]


@pytest.mark.slow
def test_a_finished_run_holds_no_variable_of_the_environment(composed, console, tmp_path):
    assert run(composed(*SMALL, f"run.directory={tmp_path}"), console) == 0
    assert len(list(tmp_path.rglob("*.*"))) > 5
    assert not holds_a_secret(tmp_path)
    assert SECRET not in console.file.getvalue()


@pytest.mark.parametrize(
    ("override", "field"),
    [
        (f"+language.api_key={SECRET}", "language.api_key"),
        ("+language.password=short", "language.password"),
        ("+language.headers={Authorization: Bearer-x}", "language.headers.Authorization"),
        ("+language.servers=[{hub_token: abc}]", "language.servers.0.hub_token"),
        (f"run.name={SECRET}-3", "run.name"),
        (f"+language.base_url=http://h/v1/{SECRET}-0/x", "language.base_url"),
        (f"+language.base_url=http://me:{SECRET}@h/v1", "language.base_url"),
    ],
)
def test_a_secret_in_a_configuration_is_refused_by_its_key_before_anything_is_written(
    composed, console, tmp_path, override, field
):
    inside = tmp_path / "runs"
    assert run(composed(*SMALL, f"run.directory={inside}", override), console) == BAD_INPUT
    said = " ".join(console.file.getvalue().split())
    assert f"bad input: {field} = " in said
    assert SECRET not in said
    assert not inside.exists()


def test_settings_that_only_sound_like_secrets_are_allowed(composed):
    validate(composed(*SMALL, "platform.max_tokens=17", "run.name=monkey.tokens"))


def test_a_message_that_quotes_a_key_is_recorded_without_it(composed, tmp_path):
    directory = RunDirectory(composed(*SMALL, f"run.directory={tmp_path}"))
    directory.status("failed", f"refused: Bearer {SECRET}-0 at http://me:pass@host/v1")
    text = (directory.path / "status.json").read_text()
    assert json.loads(text)["message"] == "refused: Bearer *** at http://***@host/v1"


def test_only_variables_that_are_ours_are_sent_to_a_server_a_configuration_names(tmp_path):
    for name in ("HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "PATH", "EQUIPOLIS_MODULES"):
        with pytest.raises(InputError, match=r"EQUIPOLIS_\.\.\._KEY"):
            endpoint(
                population=None,
                log=tmp_path,
                report=print,
                base_url=["http://127.0.0.1:9/v1"],
                served_model="x",
                api_key_variable=name,
                timeout=1.0,
                retries=0,
            )


def test_a_server_that_echoes_the_key_learns_it_alone(composed, console, tmp_path):
    heard = []

    class Echo(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.headers["Authorization"])
            body = json.dumps({"error": {"message": f"you said {heard[-1]}"}}).encode()
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Keep the test's output clean."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        config = composed(
            "subpopulations=bigfive_personas",
            "language=endpoint",
            f"language.base_url=[http://127.0.0.1:{server.server_port}/v1]",
            "language.served_model=base",
            f"run.directory={tmp_path}",
        )
        assert run(config, console) == BACKEND_FAILED
        server.shutdown()
    assert heard == [f"Bearer {SECRET}-0"]
    assert "you said Bearer ***" in " ".join(console.file.getvalue().split())
    assert not holds_a_secret(tmp_path)


def test_short_values_are_not_searched_for(monkeypatch):
    monkeypatch.setenv("ANY_KEY", "a")
    assert hidden("a plain banana") == "a plain banana"
    assert os.environ["ANY_KEY"] == "a"
