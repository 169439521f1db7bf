"""What each role may do in the administration, as Django groups."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from people.models import RoleGrant

# App labels whose models a role edits in the administration; the rooms' own rules narrow this to units.
EDITS: dict[str, tuple[str, ...]] = {
    RoleGrant.Role.INSTRUCTOR: ("courses", "assessments", "cms"),
    RoleGrant.Role.EXAM_OFFICER: ("assessments",),
    RoleGrant.Role.HR_OFFICER: (),
    RoleGrant.Role.ADMINISTRATOR: ("courses", "assessments", "cms", "people", "certificates", "records"),
}
READ_ONLY_MODELS = {
    "accesslog",
    "questionversion",
    "quizversion",
    "paper",
    "sitting",
    "responseevent",
    "gradingrun",
    "slotgrade",
    "coursecompletion",
    "certificate",
    "templateversion",
    "registercounter",
    "reportexport",
    "rosterimport",
    "outgoingmail",
}
PAGE_RIGHTS = ("add_page", "change_page", "publish_page")


def group_name(role: str) -> str:
    """Name of the Django group of a role."""
    return f"role:{role}"


@transaction.atomic
def ensure_groups() -> None:
    """Make one group a role with its rights in the administration. Idempotent; run after migrations."""
    access = Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    for role, labels in EDITS.items():
        group, _created = Group.objects.get_or_create(name=group_name(role))
        rights = Permission.objects.filter(content_type__app_label__in=labels)
        allowed = [
            right
            for right in rights.select_related("content_type")
            if right.codename.startswith("view_") or right.content_type.model not in READ_ONLY_MODELS
        ]
        group.permissions.set([access, *allowed] if labels else [access])
        if "cms" in labels:
            _let_edit_pages_and_files(group)


def _let_edit_pages_and_files(group: Group) -> None:
    root_page, root_collection = Page.get_first_root_node(), Collection.get_first_root_node()
    if root_page is None or root_collection is None:
        return  # an emptied database; they come back with the portal
    for right in Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=PAGE_RIGHTS):
        GroupPagePermission.objects.get_or_create(group=group, page=root_page, permission=right)
    for label in ("wagtailimages", "wagtaildocs"):
        for right in Permission.objects.filter(content_type__app_label=label):
            if right.codename.split("_")[0] in {"add", "change", "choose"}:
                GroupCollectionPermission.objects.get_or_create(
                    group=group, collection=root_collection, permission=right
                )
