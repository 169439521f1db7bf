"""Pictures for questions: uploaded from the editor, or taken again from those that the bank shows already."""

from __future__ import annotations

import re

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from assessments.authoring.bank_page import bank_of
from assessments.authoring.scope import RoleView
from assessments.exceptions import InvalidQuestion
from assessments.formats import MediaFile
from assessments.models import Bank
from assessments.services.media import FOLDER, MOST_BYTES, store_picture

MOST_QUESTIONS, MOST_PICTURES = 300, 48
_ADDRESSES = re.compile(rf"""[^"'\s\\]*{FOLDER}/[0-9a-f]{{64}}\.[a-z]{{3,4}}""")


class PictureView(RoleView):
    """GET: the pictures that the bank's latest questions show. POST `file`: one more."""

    def get(self, request: HttpRequest, bank: int) -> JsonResponse:
        """Their addresses, the latest first."""
        return JsonResponse({"pictures": pictures_of(bank_of(request, bank))})

    def post(self, request: HttpRequest, bank: int) -> JsonResponse:
        """Keep it; its address, or why not."""
        bank_of(request, bank)
        file = request.FILES.get("file")
        if file is None:
            return JsonResponse({"detail": _("Choose a file.")}, status=400)
        if file.size is None or file.size > MOST_BYTES:
            return JsonResponse({"detail": _("The picture is larger than 10 MB: make it smaller.")}, status=400)
        try:
            address = store_picture(MediaFile(name=file.name or "", content=file.read()))
        except InvalidQuestion as refusal:
            return JsonResponse({"detail": str(refusal)}, status=400)
        return JsonResponse({"src": address})


def pictures_of(bank: Bank) -> list[str]:
    """Pictures in the questions of the bank that were changed last."""
    bodies = bank.questions.filter(current_version__isnull=False).order_by("-updated_at")
    found: dict[str, None] = {}
    for body in bodies.values_list("current_version__body", flat=True)[:MOST_QUESTIONS]:
        for address in _ADDRESSES.findall(str(body)):
            found.setdefault(address)
    return list(found)[:MOST_PICTURES]
