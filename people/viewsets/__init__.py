"""How administrators see people, organisation units and the access log in the administration."""

from people.viewsets.organisation import OrganisationGroup
from people.viewsets.person import PersonViewSet

__all__ = ["OrganisationGroup", "PersonViewSet"]
