"""Where the embedded servers keep their things: found again by any process, short enough for sockets."""

import os
from pathlib import Path

import pytest

from config.embedded import paths as paths_module
from config.embedded.accounts import Account
from config.embedded.paths import POSTGRES_SOCKET_NAME, SOCKET_PATH_LIMIT, SYSTEM_DIR, EmbeddedPaths

STRANGER = Account("stranger", 54321, 54321)


@pytest.fixture
def as_plain_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths_module, "server_account", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths_module, "server_account", lambda: STRANGER)
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.mark.usefixtures("as_plain_user")
def test_everything_lies_in_the_data_folder() -> None:
    paths = EmbeddedPaths(Path("/srv/project/.data"))

    assert paths.postgres_dir == Path("/srv/project/.data/postgres")
    assert paths.postgres_socket_dir == Path("/srv/project/.data/postgres-socket")
    assert paths.valkey_socket == Path("/srv/project/.data/valkey-socket/valkey.sock")
    assert paths.key_file("secret-key") == Path("/srv/project/.data/secret-key")


@pytest.mark.usefixtures("as_plain_user")
@pytest.mark.parametrize("length", range(70, 120, 7))
def test_sockets_fit_the_kernel_s_limit_however_deep_the_project_lies(length: int) -> None:
    paths = EmbeddedPaths(Path("/" + "d" * length) / ".data")

    for socket in (paths.postgres_socket_dir / POSTGRES_SOCKET_NAME, paths.valkey_socket):
        assert len(os.fsencode(socket)) <= SOCKET_PATH_LIMIT


@pytest.mark.usefixtures("as_plain_user")
def test_two_deep_projects_never_share_a_socket() -> None:
    one, other = (EmbeddedPaths(Path("/" + name * 100) / ".data") for name in "ab")

    assert one.valkey_socket != other.valkey_socket


@pytest.mark.usefixtures("as_plain_user")
def test_a_deep_project_finds_its_sockets_again() -> None:
    folder = Path("/" + "d" * 100) / ".data"

    assert EmbeddedPaths(folder).valkey_socket == EmbeddedPaths(folder).valkey_socket


@pytest.mark.usefixtures("as_root")
def test_root_s_data_lies_in_the_data_folder_where_the_account_can_reach_it() -> None:
    assert EmbeddedPaths(Path("/srv/project/.data")).base == Path("/srv/project/.data")


@pytest.mark.usefixtures("as_root")
def test_root_s_data_lies_elsewhere_where_a_folder_above_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    assert EmbeddedPaths(tmp_path / "project" / ".data").base.parent == SYSTEM_DIR


@pytest.mark.usefixtures("as_root")
def test_a_link_left_by_an_earlier_start_is_followed(tmp_path: Path) -> None:
    (tmp_path / "postgres").symlink_to("/var/lib/elsewhere/postgres")

    assert EmbeddedPaths(tmp_path).base == Path("/var/lib/elsewhere")


def test_looking_at_paths_changes_nothing(tmp_path: Path) -> None:
    paths = EmbeddedPaths(tmp_path / "new" / ".data")
    _ = paths.postgres_socket_dir, paths.valkey_socket, paths.key_file("x")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("mode", "passes"), [(0o711, True), (0o701, True), (0o710, False), (0o700, False)])
def test_an_account_passes_where_the_mode_bits_for_others_say_so(tmp_path: Path, mode: int, passes: bool) -> None:
    tmp_path.chmod(mode)

    assert STRANGER.may(tmp_path, os.X_OK) is passes
