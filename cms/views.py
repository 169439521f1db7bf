"""Search, and what crawlers ask for."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from cms import queries


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Everything that holds the words: articles here, what other rooms know through the panel `search`."""
    text = request.GET.get("q", "")[:200].strip()
    articles = queries.search_articles(text, language=(get_language() or "vi")[:2])
    page = Paginator(articles, 12).get_page(request.GET.get("page"))
    return render(request, "cms/search.html", {"text": text, "page": page})


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read."""
    lines = [
        "User-agent: *",
        "Disallow: /quan-tri/",
        "Disallow: /tai-khoan/",
        "Disallow: /nhan-su/",
        "Disallow: /bai-thi/",
        "Disallow: /kiem-tra/",
        f"Sitemap: {request.build_absolute_uri('/sitemap.xml')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")
