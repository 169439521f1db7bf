"""What exam officers fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.models import Registration
from assessments.services.supervision import MOST_KEY, MOST_MINUTES, MOST_REASON, MOST_TEXT
from people.models import OrganisationUnit

SMALL = {"rows": 2}


class ActForm(forms.Form):
    """Why, and what goes with the act; the key makes a double click one act."""

    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=MOST_MINUTES, initial=5)
    text = forms.CharField(
        label=_("Message to the candidates"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs=SMALL),
        help_text=_("It stands in the record of the exam with your name and the time; candidates do not read it."),
    )
    key = forms.CharField(max_length=MOST_KEY, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind != "extend":
            del self.fields["minutes"]
        if kind != "message":
            del self.fields["text"]
        else:
            self.fields["reason"].required = False
        first = next(iter(self.fields.values()))
        first.widget.attrs["autofocus"] = True


class ReasonForm(forms.Form):
    """Why something is withdrawn."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs=SMALL))


class UnitsField(forms.ModelChoiceField):
    """A unit of the officer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=OrganisationUnit.objects.none(), **kwargs)


class RegisterForm(forms.Form):
    """Candidates by unit, or by name of sign-in."""

    unit = UnitsField(label=_("Everybody in the unit"), required=False, empty_label="–")
    people = forms.CharField(
        label=_("Or these people"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line: staff number or e-mail."),
    )
    room = forms.CharField(label=pgettext_lazy("exam", "Room"), required=False, max_length=60)

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class FileForm(forms.Form):
    """A list of candidates."""

    file = forms.FileField(
        label=_("List of candidates (XLSX or CSV)"),
        help_text=_(
            "Columns: Mã nhân viên (or Email, Số CCCD); if wanted Họ và tên, Ngày sinh, Nơi sinh, Giới tính, "
            "Số báo danh, Phòng thi, Chỗ ngồi. It is checked first; nobody is registered before you say so."
        ),
    )


class RoomsForm(forms.Form):
    """How many seats each room has."""

    rooms = forms.CharField(
        label=_("Rooms and seats"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One room a line with its seats, as: Phòng 1: 24"),
    )

    def clean_rooms(self) -> dict[str, int]:
        """Rooms by name."""
        rooms: dict[str, int] = {}
        for line in self.cleaned_data["rooms"].splitlines():
            if not line.strip():
                continue
            name, colon, seats = line.rpartition(":")
            if not colon or not name.strip() or not seats.strip().isdecimal() or len(seats.strip()) > 4:
                raise forms.ValidationError(_("Write each room as “name: number of seats”."))
            rooms[" ".join(name.split())[:60]] = int(seats)
        return rooms


class AccommodationForm(forms.Form):
    """To whom, what, why."""

    candidate = forms.CharField(
        label=_("Candidate"),
        required=False,
        max_length=254,
        help_text=_("Candidate number, staff number or e-mail."),
    )
    unit = UnitsField(label=_("Or a unit"), required=False, empty_label="–")
    room = forms.ChoiceField(label=pgettext_lazy("exam", "Or a room"), required=False)
    extra_minutes = forms.IntegerField(label=_("Extra time in minutes"), required=False, min_value=0, max_value=24 * 60)
    time_factor = forms.DecimalField(
        label=_("Time times"),
        required=False,
        min_value=1,
        max_value=10,
        decimal_places=2,
        localize=True,
        help_text=_("1.25 is a quarter more."),
    )
    extra_attempts = forms.IntegerField(label=_("Extra attempts"), required=False, min_value=0, max_value=100)
    opens_at = forms.DateTimeField(
        label=_("Own opening"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    closes_at = forms.DateTimeField(
        label=_("Own closing"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    ip_ranges = forms.CharField(
        label=_("Further addresses"),
        required=False,
        widget=forms.Textarea(attrs=SMALL),
        help_text=_("One network a line, as 10.1.2.0/24."),
    )
    password = forms.CharField(label=_("Own password"), required=False, max_length=60)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs=SMALL))

    def __init__(self, *args: Any, units: Any, rooms: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["room"].choices = [("", "–"), *((room, room) for room in rooms)]  # type: ignore[attr-defined]


GENDERS = dict(Registration.Gender.choices)
