import functools
import hashlib
import http.server
import threading

import pytest

from agents.subpopulations.sources.fetch import Download, obtain, own, sha256
from sim.errors import InputError

CONTENT = b"a,b\n1,2\n"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        self.server.asked.append(self.path)


@pytest.fixture
def published(tmp_path):
    """A server on this machine with one file, and the paths that were asked of it."""
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "data.csv").write_bytes(CONTENT)
    handler = functools.partial(Handler, directory=str(tmp_path / "www"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def address(server):
    return f"http://127.0.0.1:{server.server_port}/data.csv"


def test_downloads_once_and_keeps_the_file(published, tmp_path):
    wanted = Download(address(published), DIGEST, "kept.csv")
    for _ in range(2):
        assert obtain(None, wanted, tmp_path / "cache").read_bytes() == CONTENT
    assert len(published.asked) == 1


def test_other_bytes_are_refused(published, tmp_path):
    wanted = Download(address(published), "0" * 64, "kept.csv")
    with pytest.raises(InputError, match=r"changed.*give its place as path=\.\.\."):
        obtain(None, wanted, tmp_path / "cache")
    assert not (tmp_path / "cache" / "kept.csv").exists()


def test_a_missing_page_names_address_and_place(published, tmp_path):
    wanted = Download(address(published) + ".gone", DIGEST, "kept.csv")
    with pytest.raises(InputError, match=r"data\.csv\.gone.*or put it at .*kept\.csv"):
        obtain(None, wanted, tmp_path / "cache")


def test_offline_names_address_and_place_and_takes_a_copy_put_there(published, tmp_path):
    url = address(published)
    published.shutdown()
    published.server_close()
    wanted = Download(url, DIGEST, "kept.csv")
    with pytest.raises(InputError, match=f"no download possible.*{url}.*kept.csv"):
        obtain(None, wanted, tmp_path / "cache")
    (tmp_path / "cache" / "kept.csv").write_bytes(CONTENT)
    assert obtain(None, wanted, tmp_path / "cache").read_bytes() == CONTENT


def test_the_users_own_file_is_not_downloaded(published, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_bytes(b"other")
    assert obtain(mine, Download(address(published), DIGEST, "kept.csv"), tmp_path / "cache") == mine
    assert published.asked == []
    with pytest.raises(InputError, match="no such file"):
        own(tmp_path / "absent", "https://example.org", "the file")


def test_what_is_not_downloaded_says_where_to_get_it():
    with pytest.raises(InputError, match=r"get the file from https://example\.org under its terms"):
        own(None, "https://example.org", "the file")


def test_hash_of_a_folder_depends_on_names_and_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    first = sha256(tmp_path)
    (tmp_path / "a").write_bytes(b"2")
    second = sha256(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({first, second, sha256(tmp_path)}) == 3
    assert sha256(tmp_path / "b") == hashlib.sha256(b"2").hexdigest()
