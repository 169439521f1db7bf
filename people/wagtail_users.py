"""Wagtail's user screens, with our person."""

from wagtail.users.apps import WagtailUsersAppConfig


class PeopleUsersAppConfig(WagtailUsersAppConfig):
    """People are edited in the administration through the people room's own forms."""

    user_viewset = "people.viewsets.PersonViewSet"
