"""Who people are, where they work, what they may do, and who looked at them."""

from people.models.access import AccessLog, RoleGrant
from people.models.mail import OutgoingMail
from people.models.organisation import Assignment, OrganisationUnit
from people.models.person import Person
from people.models.roster import RosterImport
from people.models.token import ApiToken

__all__ = [
    "AccessLog",
    "ApiToken",
    "Assignment",
    "OrganisationUnit",
    "OutgoingMail",
    "Person",
    "RoleGrant",
    "RosterImport",
]
