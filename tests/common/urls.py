"""A few addresses for the menu's tests."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def view(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse(request.path)


urlpatterns = [path("", view, name="home"), path("hoc/", view, name="a"), path("hoc/b/", view, name="b")]
