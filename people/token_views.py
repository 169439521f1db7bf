"""One's tokens for the REST API: made, shown once, revoked."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from people import services
from people.exceptions import InvalidToken
from people.models import ApiToken
from people.permissions import signed_in
from people.services.tokens import valid_tokens


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def api_tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that work, a form for a new one, and a button to revoke each."""
    person, now = signed_in(request), timezone.now()
    secret = ""
    if request.method == "POST" and (pk := request.POST.get("revoke", "")):
        try:
            services.revoke_api_token(person=person, pk=int(pk), at=now)
        except (ValueError, ApiToken.DoesNotExist):
            raise Http404 from None
        messages.success(request, _("The token is revoked."))
        return redirect("people:api_tokens")
    if request.method == "POST":
        try:
            _token, secret = services.create_api_token(person=person, name=request.POST.get("name", ""), at=now)
        except InvalidToken as problem:
            messages.error(request, str(problem))
            return redirect("people:api_tokens")
    context = {"tokens": valid_tokens(person, at=now), "secret": secret}
    return render(request, "people/api_tokens.html", context)
