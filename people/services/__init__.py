"""Commands of the people room: the only code that changes its state."""

from people.services.access import log_access
from people.services.demo import ensure_demo_accounts
from people.services.groups import ensure_groups
from people.services.mail import queue_mail, send_due_mail
from people.services.organisation import (
    assign_person,
    close_assignment,
    close_unit,
    import_units,
    open_unit,
    replace_unit,
)
from people.services.person import (
    activation_address,
    activation_path,
    create_person,
    masked_citizen_id,
    may_set_first_password,
    reveal_citizen_id,
    send_activation_link,
    set_first_password,
    update_person,
)
from people.services.roles import grant_role, revoke_role, set_account_rights
from people.services.roster import apply_roster, check_roster
from people.services.tokens import create_api_token, person_of_api_token, revoke_api_token

__all__ = [
    "activation_address",
    "activation_path",
    "apply_roster",
    "assign_person",
    "check_roster",
    "close_assignment",
    "close_unit",
    "create_api_token",
    "create_person",
    "ensure_demo_accounts",
    "ensure_groups",
    "grant_role",
    "import_units",
    "log_access",
    "masked_citizen_id",
    "may_set_first_password",
    "open_unit",
    "person_of_api_token",
    "queue_mail",
    "replace_unit",
    "reveal_citizen_id",
    "revoke_api_token",
    "revoke_role",
    "send_activation_link",
    "send_due_mail",
    "set_account_rights",
    "set_first_password",
    "update_person",
]
