"""What must hold before a process is started: each check gives one clear line and touches nothing."""

from __future__ import annotations

import errno
import fcntl
import os
import pkgutil
import socket
import sqlite3
import tempfile
from importlib import import_module
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import get_resolver
from kombu.transport import resolve_transport

from lms.serve.exceptions import CannotServe

SQLITE_HEADER = b"SQLite format 3\x00"
# Reading a larger file from end to end would delay every start.
LARGEST_FULL_CHECK = 256 * 1024 * 1024
BACKLOG = 1024


def read_port(text: str) -> int:
    """The port number in `text`. Raises CannotServe unless it is one of 1–65535."""
    try:
        port = int(text)
    except ValueError:
        port = 0
    if not 1 <= port <= 65535:
        raise CannotServe(
            f"PORT={text} không phải là số cổng; hãy đặt số từ 1 đến 65535, ví dụ PORT=8000",
            f"PORT={text} is not a port; give a number from 1 to 65535, such as PORT=8000",
        )
    return port


def check_folder(folder: Path) -> None:
    """The data folder is there or can be made, and can be written. Raises CannotServe."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir() or not can_write(there):
        raise CannotServe(
            f"không ghi được vào thư mục {folder}; hãy đổi quyền hoặc chọn chỗ khác: VAR_DIR=/thư/mục",
            f"the folder {folder} cannot be written; change its rights or choose another: VAR_DIR=/folder",
        )


def can_write(folder: Path) -> bool:
    """Whether a file can really be made here; rights alone do not tell (a read-only disk, /proc). Leaves nothing."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return os.access(folder, os.X_OK)
    except OSError:
        return False


def check_secret() -> None:
    """The secret that the database was made with is there. Raises CannotServe."""
    path: Path | None = getattr(settings, "SECRET_FILE", None)
    if path is not None and not path.exists():
        raise CannotServe(
            f"thiếu tệp khoá {path}; hãy chép lại từ bản sao lưu, hoặc chạy make migrate để tạo khoá mới "
            "(số CCCD đã lưu sẽ không đọc được nữa)",
            f"the secret {path} is missing; put it back from a backup, or run make migrate for a new one "
            "(citizen ids that are kept can then no longer be read)",
        )


def check_database() -> None:
    """The database can be opened, is whole and has the tables of this version, no later ones. Raises CannotServe."""
    if connection.vendor == "sqlite":
        check_sqlite_file(Path(str(connection.settings_dict["NAME"])))
    try:
        applied = applied_migrations()
        missing = missing_migrations(applied)
    except DatabaseError as error:
        raise unreachable(error) from error
    finally:
        connection.close()
    refuse_later(applied)
    if missing:
        raise CannotServe(
            f"cơ sở dữ liệu chưa đầy đủ (thiếu {missing} bước); hãy chạy: make migrate",
            f"the database is half-made ({missing} steps are missing); run: make migrate",
        )


def check_sqlite_file(path: Path) -> None:
    """`path` is a whole SQLite database. Raises CannotServe."""
    try:
        with path.open("rb") as file:
            header = file.read(len(SQLITE_HEADER))
    except FileNotFoundError:
        raise CannotServe(
            f"chưa có cơ sở dữ liệu {path}; hãy chạy: make journey (có nội dung) hoặc make migrate (để trống)",
            f"there is no database {path} yet; run: make journey (with content) or make migrate (empty)",
        ) from None
    except OSError as error:
        raise CannotServe(
            f"không đọc được cơ sở dữ liệu {path} ({error.strerror}); hãy kiểm tra quyền của tệp",
            f"the database {path} cannot be read ({error.strerror}); check the file's rights",
        ) from error
    if not header:
        raise CannotServe(
            f"cơ sở dữ liệu {path} trống; hãy chạy: make migrate",
            f"the database {path} is empty; run: make migrate",
        )
    if header != SQLITE_HEADER or not is_whole(path):
        raise CannotServe(
            f"cơ sở dữ liệu {path} bị hỏng; hãy chép bản sao lưu vào đó, hoặc đổi tên tệp và: make journey",
            f"the database {path} is damaged; put a backup in its place, or rename it and: make journey",
        )


def is_whole(path: Path) -> bool:
    """Whether SQLite finds the file sound; files beyond LARGEST_FULL_CHECK are only opened."""
    question = "PRAGMA quick_check(1)"
    if path.stat().st_size > LARGEST_FULL_CHECK:
        question = "PRAGMA schema_version"
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            answer = database.execute(question).fetchone()
        finally:
            database.close()
    except sqlite3.DatabaseError as error:
        return "locked" in str(error)  # somebody writes: then it is alive
    return answer is not None and (answer[0] == "ok" or isinstance(answer[0], int))


def check_before_migrating() -> None:
    """The database is new, or one of ours of this version or an earlier one. Raises CannotServe."""
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        if not path.exists() or path.stat().st_size == 0:
            return
        check_sqlite_file(path)
    try:
        tables = connection.introspection.table_names()
        applied = applied_migrations()
    except DatabaseError as error:
        raise unreachable(error) from error
    finally:
        connection.close()
    if tables and not applied:
        raise CannotServe(
            f"cơ sở dữ liệu {connection.settings_dict['NAME']} là của chương trình khác; hãy đổi VAR_DIR, DATABASE_URL",
            f"the database {connection.settings_dict['NAME']} is another program's; change VAR_DIR or DATABASE_URL",
        )
    refuse_later(applied)


def unreachable(error: DatabaseError) -> CannotServe:
    """The refusal for a database that does not answer."""
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return CannotServe(
        f"không mở được cơ sở dữ liệu ({reason}); hãy kiểm tra DATABASE_URL và máy chủ cơ sở dữ liệu",
        f"the database cannot be opened ({reason}); check DATABASE_URL and the database server",
    )


def refuse_later(applied: set[tuple[str, str]]) -> None:
    """Raises CannotServe when a later version of a room has changed the database."""
    later = {step for step in applied if step[0] in settings.ROOMS} - migrations_on_disk()
    if later:
        label, name = min(later)
        raise CannotServe(
            f"cơ sở dữ liệu thuộc phiên bản mới hơn (có bước {label}.{name}); hãy dùng đúng phiên bản của nó",
            f"the database is of a later version (it has {label}.{name}); use that version of Học Số",
        )


def applied_migrations() -> set[tuple[str, str]]:
    """(app label, name) of every migration that the database has been through."""
    if "django_migrations" not in connection.introspection.table_names():
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


def missing_migrations(applied: set[tuple[str, str]]) -> int:
    """How many migrations of this version the database lacks; file names first, modules only if needed."""
    if not applied:
        return len(migrations_on_disk())
    if migrations_on_disk() <= applied:
        return 0
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrations_on_disk() -> set[tuple[str, str]]:
    """(app label, migration name) of every migration file of the installed apps."""
    found = set()
    for config in apps.get_app_configs():
        if (Path(config.path) / "migrations" / "__init__.py").is_file():
            package = import_module(f"{config.name}.migrations")
            found |= {
                (config.label, name)
                for _finder, name, is_package in pkgutil.iter_modules(package.__path__)
                if not is_package and name[0] not in "_~"
            }
    return found


def check_addresses() -> None:
    """The settings and every room's addresses can be imported. Raises CannotServe."""
    try:
        get_resolver().url_patterns  # noqa: B018  importing them is the check
    except Exception as error:  # whatever a module raises while it is imported
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise CannotServe(
            f"không nạp được nền tảng ({reason}); hãy xem biến môi trường hoặc chạy: manage.py check",
            f"the platform cannot be loaded ({reason}); check the environment, or run: manage.py check",
        ) from error


def check_broker() -> None:
    """The broker's address is of a kind that Celery knows. One that does not answer yet is waited for."""
    scheme = urlsplit(settings.BROKER_URL).scheme
    try:
        resolve_transport(scheme)
    except (KeyError, ImportError) as error:
        raise CannotServe(
            f"BROKER_URL={scheme}://… không dùng được; hãy dùng embedded://, amqp://… hoặc redis://…",
            f"BROKER_URL={scheme}://… cannot be used; use embedded://, amqp://… or redis://…",
        ) from error


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CannotServe when the port is taken or not ours to take."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = port + 1 if port < 65535 else 8000
            raise CannotServe(
                f"cổng {port} đang bận; hãy dừng chương trình đang dùng nó hoặc chọn cổng khác: PORT={other}",
                f"port {port} is in use; stop that program or choose another port: PORT={other}",
            ) from error
        raise CannotServe(
            f"không mở được {host}:{port} ({os.strerror(error.errno or 0)}); hãy đổi BIND hoặc PORT",
            f"{host}:{port} cannot be opened ({os.strerror(error.errno or 0)}); change BIND or PORT",
        ) from error


def take_lock(folder: Path, name: str = "serve") -> IO[Any]:
    """The open lock file of this data folder, ours until closed. Raises CannotServe when another has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f"{name}.lock").open("a")
    except OSError as error:
        raise CannotServe(
            f"không ghi được vào {folder} ({error.strerror}); hãy đổi quyền hoặc đặt VAR_DIR khác",
            f"{folder} cannot be written ({error.strerror}); change its rights or set another VAR_DIR",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        vietnamese, english = {
            "serve": ("được phục vụ; hãy dừng lần kia (Ctrl-C)", "served already; stop that (Ctrl-C)"),
            "journey": ("được chuẩn bị bởi lần chạy khác; hãy đợi nó xong", "set up by another run; wait for its end"),
        }[name]
        raise CannotServe(
            f"thư mục {folder.parent} đang {vietnamese} hoặc đặt VAR_DIR khác",
            f"the folder {folder.parent} is being {english} or set another VAR_DIR",
        ) from None
    return lock
