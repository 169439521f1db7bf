#!/usr/bin/env python
"""Django's command-line utility for Học Số."""

import os
import sys
import warnings
from typing import NoReturn


def main() -> None:
    """Run an administrative task with the local settings unless told otherwise.

    Settings that refuse (a missing variable, a malformed address) are one line and exit code 2, no traceback.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.local")
    try:
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        refuse("chưa cài đặt; hãy chạy: make setup. / Not set up yet; run: make setup.")
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # the refusal says the same
            settings.DEBUG  # noqa: B018  reads the settings, and with them the environment
    except ImproperlyConfigured as error:
        refuse(str(error))
    except Exception as error:
        if "--traceback" in sys.argv:
            raise
        reason = f"{type(error).__name__}: {error}"
        refuse(f"biến môi trường sai ({reason}). / A variable of the environment is wrong ({reason}).")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        refuse(str(error))
    except KeyboardInterrupt:
        sys.stderr.write("Đã dừng / stopped.\n")
        sys.exit(130)


def refuse(reason: str) -> NoReturn:
    """One line, exit code 2."""
    sys.stderr.write(f"Học Số: {' '.join(reason.split())}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
