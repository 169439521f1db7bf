"""Addresses of the whole site. Vietnamese has no prefix; the English screens live under /en/."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.i18n import JavaScriptCatalog
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from lms.api import api
from lms.health import health_page
from lms.views import activity, admin_login, media_file

handler400 = "lms.views.bad_request"
handler403 = "lms.views.permission_denied"
handler404 = "lms.views.page_not_found"
handler500 = "lms.views.server_error"

urlpatterns = [
    path("health/", health_page, name="health"),
    path("quan-tri/login/", admin_login, name="admin_login"),
    path("quan-tri/", include(wagtailadmin_urls)),
    path("tai-lieu/", include(wagtaildocs_urls)),
    path("i18n/", include("django.conf.urls.i18n")),
    path("sitemap.xml", sitemap),
]
if settings.STORAGE_URL.startswith("file:"):
    urlpatterns.append(
        re_path(r"^media/(?P<path>.+)$", media_file, {"view": serve, "document_root": settings.MEDIA_ROOT})
    )

urlpatterns += i18n_patterns(
    path("api/v1/", api.urls),
    path("jsi18n/", JavaScriptCatalog.as_view(), name="javascript-catalog"),
    path("hoat-dong/<int:pk>/", activity, name="activity"),
    path("tai-khoan/", include("people.account_urls")),
    path("nhan-su/", include("people.urls")),
    path("nhan-su/", include("records.urls")),
    path("hoc/", include("courses.urls")),
    path("bai-thi/", include("assessments.urls")),
    path("", include("certificates.urls")),
    path("", include("cms.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
