"""`manage.py api_token WHO`: a new API token for a person, printed once; `--revoke` ends all of theirs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from people.exceptions import InvalidToken
from people.models import Person
from people.services import create_api_token, revoke_api_token
from people.services.tokens import valid_tokens


class Command(BaseCommand):
    """Exit 0; 2 when there is no such person or no token can be made."""

    help = "Make an API token for a person (staff number or e-mail) and print it; --revoke ends all of theirs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and what for."""
        parser.add_argument("who", metavar="WHO")
        parser.add_argument("--name", default="manage.py api_token")
        parser.add_argument("--revoke", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make or revoke."""
        now = timezone.now()
        try:
            person = Person.objects.get_by_natural_key(options["who"])
            if options["revoke"]:
                for token in valid_tokens(person, at=now):
                    revoke_api_token(person=person, pk=token.pk, at=now)
                return
            _token, secret = create_api_token(person=person, name=options["name"], at=now)
        except Person.DoesNotExist:
            self.stderr.write(
                f"Không có người nào là {options['who']} / There is nobody called {options['who']}", style_func=str
            )
            sys.exit(2)
        except InvalidToken as problem:
            self.stderr.write(str(problem), style_func=str)
            sys.exit(2)
        self.stdout.write(secret)
