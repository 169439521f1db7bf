# -*- coding: utf-8 -*-
"""Make .venv/ from the lock files: `setup.py [runtime|dev]`. Called by every target of the Makefile.

Runs on any Python that the machine happens to have, 2.7 and 3.6 included, so that a wrong one gets a clear
line and not a syntax error; standard library only. Finds the best Python for it, makes .venv/ and installs
exactly what the lock file names, checked by hash. Done already: returns in a blink. Interrupted:
repaired by the next call. Impossible: one line that says what to do, exit 2, nothing left behind.
"""

from __future__ import print_function, unicode_literals

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "setup-stamp")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
INSTALLER_LOCK = os.path.join(ROOT, "requirements-setup.txt")
LOCKS = {
    "runtime": os.path.join(ROOT, "requirements.txt"),
    "dev": os.path.join(ROOT, "requirements-dev.txt"),
}
LEVELS = ["runtime", "dev"]
OLDEST = (3, 11)
NEWEST = (3, 13)
CANDIDATES = ["python3.13", "python3.12", "python3.11", "python3", "python"]
PROBE = """
import sys
print("%d.%d" % sys.version_info[:2])
for name in ("venv", "ensurepip", "sqlite3", "ssl"):
    try:
        __import__(name)
    except ImportError:
        print(name)
"""
NO_CONNECTION = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|ConnectionError|NameResolutionError|ProxyError|SSLError|"
    r"Retrying \(|name resolution|dns error|error sending request|timed out|tunnel error|Connection refused",
    re.IGNORECASE,
)
NOT_FOUND = re.compile(r"No matching distribution|Failed to fetch|Could not fetch|Request failed", re.IGNORECASE)


class Refusal(Exception):
    """What is wrong and what to do, in Vietnamese and in English, for one line."""

    def __init__(self, vietnamese, english):
        Exception.__init__(self, english)
        self.vietnamese = vietnamese
        self.english = english


def say(text, stream=sys.stdout):
    """One line of UTF-8, whatever the locale and the Python."""
    data = text + "\n"
    stream.flush()
    raw = getattr(stream, "buffer", stream)
    raw.write(data.encode("utf-8"))
    raw.flush()


def shown(value):
    """A path, name or message as text, also on Python 2."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "%s" % value


def run(command, env=None):
    """(exit code, output) of a command; output is shown as well when VERBOSE is set."""
    try:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        return 127, shown(str(error))
    try:
        output = process.communicate()[0].decode("utf-8", "replace")
    except KeyboardInterrupt:
        process.kill()
        process.wait()
        raise
    if os.environ.get("VERBOSE"):
        say("$ " + " ".join(shown(word) for word in command) + "\n" + output)
    return process.returncode, output


# Which Python ---------------------------------------------------------------------------------------------


def judge(candidate):
    """(version or None, list of missing modules) of the Python called `candidate`."""
    code, output = run([candidate, "-c", PROBE])
    lines = output.split()
    if code != 0 or not lines or not re.match(r"^\d+\.\d+$", lines[0]):
        return None, []  # not there, or a version manager's stand-in for none
    return tuple(int(part) for part in lines[0].split(".")), lines[1:]


def find_python():
    """The name of the first Python that can make the environment; PYTHON=… names the only one to try."""
    chosen = os.environ.get("PYTHON", "").strip()
    seen, incomplete = [], None
    for candidate in [chosen] if chosen else CANDIDATES:
        version, missing = judge(candidate)
        if version is None:
            continue
        if not OLDEST <= version <= NEWEST:
            seen.append("%s = %d.%d" % ((shown(candidate),) + version))
        elif missing:
            incomplete = incomplete or (candidate, version, missing)
        else:
            return candidate
    if incomplete:
        refuse_incomplete(*incomplete)
    if chosen and not seen:
        raise Refusal(
            "PYTHON=%s không chạy được; hãy đặt PYTHON là đường dẫn tới Python 3.11, 3.12 hoặc 3.13" % shown(chosen),
            "PYTHON=%s does not run; set PYTHON to the path of Python 3.11, 3.12 or 3.13" % shown(chosen),
        )
    found = ", ".join(seen) or "-"
    raise Refusal(
        "cần Python 3.11, 3.12 hoặc 3.13 (máy có: %s); hãy cài một bản, hoặc: make … PYTHON=/đường/dẫn" % found,
        "Python 3.11, 3.12 or 3.13 is needed (found: %s); install one, or: make … PYTHON=/path" % found,
    )


def refuse_incomplete(candidate, version, missing):
    """A right version whose standard library is not whole."""
    candidate = shown(candidate)
    if "venv" in missing or "ensurepip" in missing:
        raise Refusal(
            "%s thiếu mô-đun venv; trên Debian, Ubuntu hãy chạy: sudo apt install python%d.%d-venv"
            % ((candidate,) + version),
            "%s has no venv module; on Debian or Ubuntu run: sudo apt install python%d.%d-venv"
            % ((candidate,) + version),
        )
    names = ", ".join(missing)
    raise Refusal(
        "%s được dựng thiếu mô-đun %s; hãy cài bản Python đầy đủ hoặc đặt PYTHON=…" % (candidate, names),
        "%s was built without %s; install a complete Python or set PYTHON=…" % (candidate, names),
    )


# What is there already ------------------------------------------------------------------------------------


def fingerprint(level):
    """What a finished environment of this level was made from, and where: moved, it does not work."""
    digest = hashlib.sha256(VENV if isinstance(VENV, bytes) else VENV.encode("utf-8", "surrogateescape"))
    with open(LOCKS[level], "rb") as lock:
        digest.update(lock.read())
    return [level, os.environ.get("PYTHON", "").strip() or "-", digest.hexdigest()]


def read_stamp():
    """[level, PYTHON, digest] of the finished environment, or [] when there is none that works."""
    try:
        with open(STAMP) as stamp:
            words = stamp.read().rstrip("\n").split("\t")
    except (IOError, OSError):
        return []
    usable = len(words) == 3 and words[0] in LOCKS and os.path.exists(VENV_PYTHON)
    return words if usable else []


def is_done(stamp, level):
    """Whether the environment holds `level` (or more) as the lock files say now."""
    if not stamp or LEVELS.index(stamp[0]) < LEVELS.index(level):
        return False
    expected = fingerprint(stamp[0])
    same_python = expected[1] in ("-", stamp[1])
    return same_python and stamp[2] == expected[2]


# Making it ------------------------------------------------------------------------------------------------


def make_environment(python):
    """.venv/ anew by `python`; whatever stood there did not work."""
    if os.path.lexists(VENV):
        shutil.rmtree(VENV, ignore_errors=True)
    try:
        os.mkdir(VENV)
    except OSError as error:
        refuse_folder(error.strerror)
    code, output = run([python, "-m", "venv", VENV])
    if code != 0:
        name, reason = shown(python), last_line(output)
        raise Refusal(
            "%s không tạo được .venv (%s); hãy thử PYTHON=… khác" % (name, reason),
            "%s could not make .venv (%s); try another PYTHON=…" % (name, reason),
        )


def refuse_folder(reason):
    """The source folder is not ours to write in."""
    folder = shown(ROOT)
    raise Refusal(
        "không ghi được vào thư mục %s (%s); hãy đổi quyền hoặc chép mã nguồn tới nơi ghi được" % (folder, reason),
        "the folder %s cannot be written (%s); change its rights or copy the source elsewhere" % (folder, reason),
    )


def last_line(output):
    """The last line with something in it: the reason, as tools print it."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "?"


def refuse_install(output):
    """Why the packages could not be installed."""
    if re.search(r"hash", output, re.IGNORECASE) and re.search(r"mismatch|do not match", output, re.IGNORECASE):
        raise Refusal(
            "một gói tải về không khớp mã băm đã khoá; hãy thử lại hoặc báo người quản trị mạng",
            "a downloaded package does not match its locked hash; try again or tell your network's keeper",
        )
    if re.search(r"No space left", output, re.IGNORECASE):
        raise Refusal(
            "ổ đĩa đã đầy; hãy giải phóng khoảng 1 GB rồi chạy lại",
            "the disk is full; free about 1 GB and run again",
        )
    if NO_CONNECTION.search(output) or NOT_FOUND.search(output):
        raise Refusal(
            "không tải được các gói Python; hãy kiểm tra mạng (hoặc PIP_INDEX_URL, proxy) rồi chạy lại",
            "the Python packages cannot be downloaded; check the network (or PIP_INDEX_URL, proxy)",
        )
    raise Refusal(
        "không cài được các gói Python: %s; chạy lại với VERBOSE=1 để xem" % last_line(output),
        "the Python packages could not be installed: %s; run again with VERBOSE=1 for details" % last_line(output),
    )


def pip(*arguments):
    """Run pip of the environment, impatiently: no network must be noticed within seconds."""
    options = ["--disable-pip-version-check", "--no-input", "--retries", "2", "--timeout", "20"]
    return run([VENV_PYTHON, "-m", "pip"] + list(arguments[:1]) + options + list(arguments[1:]))


def uv_environment():
    """The environment for uv: it looks for packages where pip was told to look (variables and pip.conf)."""
    env = dict(os.environ)
    listing = run([VENV_PYTHON, "-m", "pip", "config", "list"])[1]
    configured = dict(re.findall(r"^[\w.:-]*?([\w-]+)=['\"]?(.*?)['\"]?\s*$", listing, re.MULTILINE))
    for name, variable in [
        ("index-url", "UV_DEFAULT_INDEX"),
        ("extra-index-url", "UV_INDEX"),
        ("find-links", "UV_FIND_LINKS"),
        ("cert", "SSL_CERT_FILE"),
        ("proxy", "ALL_PROXY"),
    ]:
        places = configured.get(name, "").replace("\\n", " ").split()
        # An extra place that is a folder and not there is skipped by pip with a warning; uv would stop.
        places = [place for place in places if not place.startswith("file://") or os.path.isdir(place[7:])]
        if places:
            separator = "," if name == "find-links" else " "
            env.setdefault(variable, separator.join(places))
    # Like pip: the file with the locked hash may come from any of the places.
    env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    env.setdefault("UV_HTTP_TIMEOUT", "30")
    return env


def install(level):
    """Exactly what the lock file names, by uv; by pip, slower, where uv cannot."""
    lock = LOCKS[level]
    code, output = pip("install", "--require-hashes", "-r", INSTALLER_LOCK)
    if code == 0:
        uv = [
            os.path.join(VENV, "bin", "uv"),
            "pip",
            "sync",
            "--python",
            VENV_PYTHON,
            "--require-hashes",
            lock,
        ]
        code, output = run(uv, env=uv_environment())
    if code != 0 and not NO_CONNECTION.search(output):
        code, output = pip("install", "--require-hashes", "-r", lock)
    if code != 0:
        refuse_install(output)


def set_up(level):
    """Bring .venv/ to `level`; does nothing when it is there."""
    stamp = read_stamp()
    if is_done(stamp, level):
        return
    if stamp and LEVELS.index(stamp[0]) > LEVELS.index(level):
        level = stamp[0]
    begun = time.time()
    python = find_python()
    if not os.access(ROOT, os.W_OK):
        refuse_folder("read-only")
    fresh = not stamp or os.environ.get("PYTHON", "").strip() not in ("", stamp[1])
    done = False
    try:
        if fresh:
            say("Cài đặt / setting up: .venv (%s) …" % shown(python))
            make_environment(python)
        else:
            os.remove(STAMP)
        say("Cài đặt / setting up: %s …" % os.path.basename(LOCKS[level]))
        install(level)
        with open(STAMP + ".part", "w") as part:
            part.write("\t".join(fingerprint(level)) + "\n")
        os.rename(STAMP + ".part", STAMP)
        done = True
    finally:
        if fresh and not done:
            shutil.rmtree(VENV, ignore_errors=True)
    say("Cài đặt xong / set up: %.0f s" % (time.time() - begun))


def locked(function, *arguments):
    """Call while no other setup of this folder runs; the lock leaves no file behind."""
    try:
        import fcntl
    except ImportError:
        raise Refusal("cần Linux, macOS hoặc WSL", "Linux, macOS or WSL is needed")
    with open(os.path.abspath(__file__)) as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        return function(*arguments)


def main(arguments):
    """Exit code: 0 done, 2 refused with one line, 130 interrupted."""
    level = arguments[0] if arguments else "runtime"
    if level not in LOCKS:
        say("setup.py [runtime|dev]", sys.stderr)
        return 2
    try:
        locked(set_up, level)
    except Refusal as refusal:
        say("Học Số: %s. / %s." % (refusal.vietnamese, refusal.english), sys.stderr)
        return 2
    except KeyboardInterrupt:
        say("Đã dừng / stopped.", sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
