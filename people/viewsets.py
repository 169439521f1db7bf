"""How people are edited in the administration."""

from wagtail.users.views.users import UserViewSet


class PersonViewSet(UserViewSet):
    """People in the Wagtail administration."""
