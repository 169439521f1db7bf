"""Forms of the administration's screens; what they hold is checked again by the services."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import django_filters.fields
from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.exceptions import Refusal
from common.messages import filled
from people.citizen_id import check_citizen_id
from people.models import OrganisationUnit, Person, RoleGrant
from people.services.groups import group_name
from people.services.person import check_email, check_name, check_staff_number

LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]


class DayField(forms.DateField):
    """A day, chosen with the browser's own calendar or typed as 24/11/2026."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d", "%d/%m/%Y"], **kwargs)


class UnitField(forms.ModelChoiceField):
    """One of the open units, indented as in the tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=OrganisationUnit.objects.none(), **kwargs)

    def label_from_instance(self, obj: OrganisationUnit) -> str:
        """Its place, name and code."""
        return indented(obj)


class UnitFilterField(django_filters.fields.ModelChoiceField):
    """The same choice beside a listing."""

    def label_from_instance(self, obj: OrganisationUnit) -> str:
        """Its place, name and code."""
        return indented(obj)


def indented(unit: OrganisationUnit) -> str:
    """A unit's name and code, as far to the right as it is deep in the tree."""
    return "\u2003" * (unit.depth - 1) + f"{unit.name} ({unit.code})"


def only_open(units: QuerySet[OrganisationUnit]) -> QuerySet[OrganisationUnit]:
    """Units in which something can still begin."""
    return units.filter(valid_to__isnull=True)


# People -------------------------------------------------------------------------------------------------------


class PersonForm(forms.Form):
    """A person's account. The citizen id can be written and not read; the password is set by its owner alone."""

    full_name = forms.CharField(
        label=_("Full name"),
        max_length=200,
        help_text=_("The whole name, as it should stand on certificates. Lists sort by the last word."),
    )
    staff_number = forms.CharField(label=_("Staff number"), max_length=40, required=False)
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput,
        help_text=_("People sign in with staff number or e-mail; one of the two is needed."),
    )
    birth_date = DayField(label=_("Date of birth"), required=False)
    citizen_id = forms.CharField(
        label=_("Citizen id"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    preferred_language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, initial="vi")

    def __init__(self, *args: Any, instance: Person | None = None, editor: Person, **kwargs: Any) -> None:
        self.person, self.editor = instance, editor
        super().__init__(*args, **kwargs)

    def clean_full_name(self) -> str:
        """The name as it will be kept."""
        return self._checked(check_name, "full_name")

    def clean_staff_number(self) -> str:
        """Upper case, nobody else's."""
        number = self._checked(check_staff_number, "staff_number")
        self._refuse_taken("staff_number", number, _("This staff number belongs to another person."))
        return number

    def clean_email(self) -> str:
        """Lower case, nobody else's."""
        email = self._checked(check_email, "email")
        self._refuse_taken("email", email, _("This e-mail address belongs to another person."))
        return email

    def clean(self) -> dict[str, Any]:
        """The citizen id must fit the date of birth; one name to sign in with is needed."""
        data = super().clean() or {}
        if data.get("citizen_id"):
            try:
                data["citizen_id"] = check_citizen_id(data["citizen_id"], birth_date=data.get("birth_date"))
            except Refusal as refusal:
                self.add_error("citizen_id", str(refusal))
        if not self.errors and not data["staff_number"] and not data["email"]:
            self.add_error("staff_number", _("An e-mail address or a staff number is needed to sign in with."))
        return data

    def _checked(self, check: Any, name: str) -> str:
        try:
            return check(self.cleaned_data[name]) or ""
        except Refusal as refusal:
            raise ValidationError(str(refusal)) from None

    def _refuse_taken(self, name: str, value: str, message: str | Promise) -> None:
        others = Person.objects.exclude(pk=self.person.pk) if self.person else Person.objects.all()
        if value and others.filter(**{f"{name}__iexact": value}).exists():
            raise ValidationError(str(message))

    def person_fields(self) -> dict[str, Any]:
        """What the services take, of what was filled in."""
        names = ("full_name", "staff_number", "email", "birth_date", "preferred_language")
        fields = {name: self.cleaned_data[name] for name in names}
        if self.cleaned_data["citizen_id"]:
            fields["citizen_id"] = self.cleaned_data["citizen_id"]
        return fields


class NewPersonForm(PersonForm):
    """A new person, and where they work from when on."""

    unit = UnitField(label=_("Unit"), required=False)
    title = forms.CharField(label=_("Job title"), max_length=200, required=False)
    valid_from = DayField(label=_("Works there from"), required=False)

    def __init__(self, *args: Any, units: QuerySet[OrganisationUnit], unit_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = only_open(units)  # type: ignore[attr-defined]
        self.fields["unit"].required = unit_required
        self.fields["valid_from"].initial = timezone.localdate

    def clean(self) -> dict[str, Any]:
        """Without a day, from today on."""
        data = super().clean()
        data["valid_from"] = data.get("valid_from") or timezone.localdate()
        return data


class EditPersonForm(PersonForm):
    """An existing person; rights that only superusers give are shown to superusers alone."""

    remove_citizen_id = forms.BooleanField(label=_("Remove the citizen id"), required=False)
    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        help_text=_("Who is not active cannot sign in; what they learned and earned stays."),
    )
    is_superuser = forms.BooleanField(
        label=_("Superuser"),
        required=False,
        help_text=_("May do everything everywhere. Roles, below on the person's page, are nearly always enough."),
    )
    groups = forms.ModelMultipleChoiceField(
        label=_("Further groups"),
        queryset=Group.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Groups of the administration; those of the roles come and go with the roles."),
    )

    def __init__(self, *args: Any, masked_id: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.person is not None
        person = self.person
        for name in ("full_name", "staff_number", "email", "birth_date", "preferred_language", "is_active"):
            self.fields[name].initial = getattr(person, name)
        if masked_id:
            kept = filled(_("Kept: %(masked)s. Leave this empty to keep it."), {"masked": masked_id})
            self.fields["citizen_id"].help_text = str(kept)
        else:
            del self.fields["remove_citizen_id"]
        if self.editor.pk == person.pk:
            del self.fields["is_active"]
        self._offer_rights(person)

    def _offer_rights(self, person: Person) -> None:
        roles = [group_name(role) for role in RoleGrant.Role.values]
        groups = Group.objects.exclude(name__in=roles).order_by("name")
        if not self.editor.is_superuser:
            del self.fields["is_superuser"], self.fields["groups"]
            return
        self.fields["groups"].queryset = groups  # type: ignore[attr-defined]
        self.fields["groups"].initial = person.groups.exclude(name__in=roles)
        self.fields["is_superuser"].initial = person.is_superuser
        if self.editor.pk == person.pk:
            self.fields["is_superuser"].disabled = True

    def person_fields(self) -> dict[str, Any]:
        """What the services take, of what was filled in."""
        fields = super().person_fields()
        if self.cleaned_data.get("remove_citizen_id") and "citizen_id" not in fields:
            fields["citizen_id"] = None
        if "is_active" in self.fields:
            fields["is_active"] = self.cleaned_data["is_active"]
        return fields


class AssignForm(forms.Form):
    """Where somebody works, as what, from when on."""

    unit = UnitField(label=_("Unit"))
    title = forms.CharField(label=_("Job title"), max_length=200, required=False)
    valid_from = DayField(label=_("From"))

    def __init__(self, *args: Any, units: QuerySet[OrganisationUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = only_open(units)  # type: ignore[attr-defined]
        self.fields["valid_from"].initial = timezone.localdate


class GrantForm(forms.Form):
    """A role in a unit and everything below; who administers everything may leave the unit out."""

    role = forms.ChoiceField(label=_("Role"), choices=RoleGrant.Role.choices)
    unit = UnitField(label=_("Unit"))
    valid_from = DayField(label=_("From"))

    def __init__(self, *args: Any, units: QuerySet[OrganisationUnit], everywhere: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        unit.queryset = only_open(units)  # type: ignore[attr-defined]
        unit.help_text = _("The role holds in this unit and everything below it.")
        if everywhere:
            unit.required = False
            unit.empty_label = _("Everywhere")  # type: ignore[attr-defined]
        self.fields["valid_from"].initial = timezone.localdate


class LastDayForm(forms.Form):
    """The last day on which something holds."""

    last_day = DayField(label=_("Last day"))

    def __init__(self, *args: Any, first_day: date, help_text: str | Promise = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["last_day"]
        field.initial = max(first_day, timezone.localdate() - timedelta(days=1))
        field.help_text = str(help_text)


class WhyForm(forms.Form):
    """Why somebody reads what is kept hidden."""

    why = forms.CharField(
        label=_("What for?"), max_length=150, help_text=_("It is kept in the access log, which the person can read.")
    )


# Units --------------------------------------------------------------------------------------------------------


class NewUnitForm(forms.Form):
    """A new unit below another."""

    parent = UnitField(label=_("Below"))
    name = forms.CharField(label=_("Name"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Short and lasting: rosters and certificate registers use it.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=OrganisationUnit.Kind.choices, initial=OrganisationUnit.Kind.OFFICE
    )
    valid_from = DayField(label=_("First day"))

    def __init__(self, *args: Any, units: QuerySet[OrganisationUnit], everywhere: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        parent.queryset = only_open(units)  # type: ignore[attr-defined]
        if everywhere:
            parent.required = False
            parent.empty_label = _("Nothing: at the top of the organisation")  # type: ignore[attr-defined]
        self.fields["valid_from"].initial = timezone.localdate

    def clean(self) -> dict[str, Any]:
        """A unit is not older than what it belongs to."""
        data = super().clean() or {}
        refuse_before_parent(self, data.get("parent"), data.get("valid_from"), "valid_from")
        return data


class ReplaceUnitForm(forms.Form):
    """A new name, code or place; the unit that was stays in the history."""

    name = forms.CharField(label=_("Name"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    code = forms.CharField(label=_("Code"), max_length=40)
    parent = UnitField(
        label=_("Below"), required=False, empty_label=_("Where it is now"), help_text=_("Choose a unit to move it.")
    )
    first_day = DayField(label=_("First day of the new form"))

    def __init__(self, *args: Any, unit: OrganisationUnit, units: QuerySet[OrganisationUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        others = only_open(units).exclude(path__startswith=unit.path)
        self.fields["parent"].queryset = others  # type: ignore[attr-defined]
        for name in ("name", "name_en", "code"):
            self.fields[name].initial = getattr(unit, name)
        self.fields["first_day"].initial = max(timezone.localdate(), unit.valid_from + timedelta(days=1))

    def clean(self) -> dict[str, Any]:
        """Something must change, and the new place must be there on that day."""
        data = super().clean() or {}
        same = all(data.get(name) == getattr(self.unit, name) for name in ("name", "name_en", "code"))
        if not self.errors and same and data["parent"] is None:
            raise ValidationError(_("Nothing would change: give another name, code or place."))
        refuse_before_parent(self, data.get("parent"), data.get("first_day"), "first_day")
        return data


def refuse_before_parent(form: forms.Form, parent: OrganisationUnit | None, day: date | None, field: str) -> None:
    """Add an error when `parent` does not exist yet on `day`."""
    if parent is not None and day is not None and day < parent.valid_from:
        values = {"unit": parent.name, "day": parent.valid_from.strftime("%d/%m/%Y")}
        form.add_error(field, str(filled(_("%(unit)s exists only from %(day)s."), values)))
