"""The REST API at /api/v1/: one router a room, session or token, OpenAPI at openapi.json.

Whatever is refused answers with JSON, `detail` saying why: in Vietnamese, and below /en/api/v1/ in English.
"""

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer, SessionAuth

from assessments.api import router as assessments_router
from certificates.api import router as certificates_router
from people.models import Person
from people.services import person_of_api_token


class TokenAuth(HttpBearer):
    """`Authorization: Bearer …` with a token that its person made; it needs no CSRF token, for no browser sends it."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        """The person it acts for, who is then the request's user."""
        person = person_of_api_token(token, at=timezone.now())
        if person is not None:
            request.user = person
        return person


api = NinjaAPI(
    title="Học Số API",
    version="1",
    urls_namespace="api",
    auth=[TokenAuth(), SessionAuth(csrf=True)],
    docs_url=None,
)
api.add_router("", assessments_router)
api.add_router("certificates/", certificates_router)


def _refusal(request: HttpRequest, status: int, detail: str, **more: object) -> HttpResponse:
    return api.create_response(request, {"detail": detail, **more}, status=status)


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, problem: AuthenticationError) -> HttpResponse:
    """401."""
    return _refusal(request, 401, _("You are not signed in. Sign in and try again."))


@api.exception_handler(HttpError)
def refused(request: HttpRequest, problem: HttpError) -> HttpResponse:
    """403 without a valid token, 400 for a body that is no JSON."""
    if problem.status_code == 403:
        return _refusal(request, 403, _("The page was open for too long. Reload it and try again."))
    if problem.status_code == 400:
        return _refusal(request, 400, _("The request cannot be read: it is not valid JSON."))
    return _refusal(request, problem.status_code, str(problem))


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    """422; `errors` says for programmers where."""
    errors = [{"loc": list(row["loc"]), "type": row["type"], "msg": row["msg"]} for row in problem.errors]
    return _refusal(request, 422, _("The request does not have the expected form."), errors=errors)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, problem: Http404) -> HttpResponse:
    """404, the same for what is not there and what belongs to somebody else."""
    return _refusal(request, 404, _("There is nothing here for you."))


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, problem: RequestDataTooBig) -> HttpResponse:
    """413."""
    return _refusal(request, 413, _("The request is too large."))
