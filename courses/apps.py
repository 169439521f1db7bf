"""Django's entry to the courses room."""

from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    """The courses room."""

    name = "courses"
    verbose_name = _("Courses")

    def ready(self) -> None:
        """Show courses on the portal, the learner's page in the menu, and follow the pages that instructors write."""
        from common.navigation import NavItem, register_nav
        from courses import panels, receivers

        panels.register()
        receivers.connect()
        register_nav(NavItem(_("Courses"), "courses:catalogue", 10))
        register_nav(NavItem(_("My learning"), "courses:my_learning", 20, visible=is_signed_in))


def is_signed_in(request: HttpRequest) -> bool:
    """Whether the visitor has signed in."""
    return bool(request.user.is_authenticated)
