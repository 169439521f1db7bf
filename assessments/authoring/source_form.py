"""The form of any question type, made from what the type declares; the source form comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.authoring.form_fields import form_field
from assessments.question_types import editor

MOST_ROWS = 60
ORDER, REMOVE = "row-order", "row-remove"


@dataclass(frozen=True, slots=True)
class Problem:
    """An error: where it is in words, the id of its field ("" for none), and the sentence."""

    where: str
    id: str
    text: str


class RowForm(forms.Form):
    """The simple fields of one level, and a set of rows for each repeated one."""

    def __init__(
        self,
        *args: Any,
        declared: Sequence[editor.Field],
        is_row: bool = False,
        is_new: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.declared = declared
        self.row_sets: dict[str, RowSet] = {}
        for field in declared:
            if isinstance(field, editor.Rows):
                self.row_sets[field.name] = RowSet(
                    self.data if self.is_bound else None,
                    declared=field,
                    rows=[] if self.is_bound else _listed(field, self.initial.get(field.name)),
                    is_new=is_new,
                    prefix=self.add_prefix(field.name),
                )
            else:
                self.fields[field.name] = form_field(field)
        if is_row:
            self.fields[ORDER] = forms.IntegerField(label=gettext_lazy("Place"), required=False)
            self.fields[REMOVE] = forms.BooleanField(label=gettext_lazy("Remove"), required=False)

    @property
    def changed_data(self) -> list[str]:
        """Without place and removal, which make no row of an empty one; with rows of its own that are filled in."""
        own = [name for name in super().changed_data if name not in {ORDER, REMOVE}]
        return own + [name for name, rows in self.row_sets.items() if rows.kept]

    def is_valid(self) -> bool:
        """Everything in it, down to the last row."""
        below = [rows.is_valid() for rows in self.row_sets.values()] if self.is_used else []
        return super().is_valid() and all(below)

    @property
    def is_used(self) -> bool:
        """Whether it counts: every form but an empty row, or one that is taken away."""
        return not self.empty_permitted or (self.has_changed() and not self.is_removed)

    @property
    def is_removed(self) -> bool:
        """Whether the author takes this row away."""
        return REMOVE in self.fields and bool(self[REMOVE].data)

    @property
    def place(self) -> int:
        """Where the author wants this row."""
        typed = str(self[ORDER].data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 10**6

    def source(self) -> dict[str, Any]:
        """The source form; what is empty is left out. Only of a valid form."""
        found: dict[str, Any] = {}
        for field in self.declared:
            if isinstance(field, editor.Rows):
                rows = self.row_sets[field.name].source()
                if rows or field.minimum:
                    found[field.name] = rows
            elif (value := self.cleaned_data.get(field.name)) not in (None, "", []):
                found[field.name] = value
        return found

    def place_fault(self, fault: editor.Fault, place: editor.Place | None = None) -> None:
        """Show what is wrong as near to its place as the form can."""
        head, *rest = (fault.place if place is None else place) or ("",)
        if head in self.row_sets:
            self.row_sets[str(head)].place_fault(fault, tuple(rest))
        else:
            self.add_error(str(head) if head in self.fields else None, forms.ValidationError(str(fault)))

    def problems(self, where: str = "") -> list[Problem]:
        """Every error with its place in words and the id of its field, for the summary above the form."""
        found = [Problem(where, "", str(text)) for text in self.non_field_errors()]
        for bound in self:
            found += problems_at(bound, where)
        for rows in self.row_sets.values():
            found += rows.problems(where) if self.is_used else []
        return found

    @property
    def parts(self) -> list[dict[str, Any]]:
        """What the template shows, in the order of the declaration."""
        shown: list[dict[str, Any]] = []
        for field in self.declared:
            if isinstance(field, editor.Rows):
                rows = self.row_sets[field.name]
                shown.append({"declared": field, "rows": rows, "folded": field.folded and not rows.is_filled})
            else:
                bound = self[field.name]
                shown.append({"declared": field, "field": bound, "folded": field.folded and not self._is_filled(bound)})
        return shown

    def _is_filled(self, bound: forms.BoundField) -> bool:
        if self.is_bound:
            return bound.name in self.changed_data or bool(bound.errors)
        return self.initial.get(bound.name, bound.field.initial) not in (None, "", bound.field.initial)

    @property
    def place_field(self) -> forms.BoundField:
        """Where one types the place of a row."""
        return self[ORDER]

    @property
    def remove_field(self) -> forms.BoundField:
        """Where one ticks to remove a row."""
        return self[REMOVE]

    @property
    def open_parts(self) -> list[dict[str, Any]]:
        """What is in sight."""
        return [part for part in self.parts if not part["folded"] and not isinstance(part["declared"], editor.Kept)]

    @property
    def folded_parts(self) -> list[dict[str, Any]]:
        """What is seldom used and waits behind one fold."""
        return [part for part in self.parts if part["folded"]]


class RowSet(BaseFormSet):
    """The rows of one repeated field; empty ones are spare and count for nothing."""

    form = RowForm
    min_num, max_num, absolute_max = 0, MOST_ROWS, MOST_ROWS
    can_order = can_delete = validate_max = validate_min = False
    edit_only = False
    renderer = None

    def __init__(
        self, data: Any, *, declared: editor.Rows, rows: Sequence[Mapping[str, Any]], is_new: bool, prefix: str
    ) -> None:
        self.declared = declared
        waiting = declared.spare if is_new else (0 if declared.folded else 1)
        self.extra = max(waiting, declared.minimum - len(rows)) + len(rows)
        super().__init__(data, prefix=prefix, initial=list(rows), form_kwargs={"is_new": is_new})
        self.renderer = forms.renderers.get_default_renderer()

    def initial_form_count(self) -> int:
        """None: every row may be left empty."""
        return 0

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """With what a row declares."""
        kwargs = super().get_form_kwargs(index)
        return {**kwargs, "declared": self.declared.fields, "is_row": True}

    @property
    def ordered(self) -> list[RowForm]:
        """Rows in the order that the author gave them."""
        forms_: list[RowForm] = list(self.forms)
        return sorted(forms_, key=lambda form: form.place) if self.is_bound else forms_

    @property
    def kept(self) -> list[RowForm]:
        """Rows that are filled in and stay."""
        return [form for form in self.ordered if form.is_used] if self.is_bound else []

    @property
    def shown(self) -> list[RowForm]:
        """Rows to show: removed ones are gone."""
        return [form for form in self.ordered if not (self.is_bound and form.is_removed)]

    @property
    def is_filled(self) -> bool:
        """Whether there is anything in any row."""
        return bool(self.kept if self.is_bound else self.initial)

    def is_valid(self) -> bool:
        """Every row that is kept."""
        if not self.management_form.is_valid():
            return False
        valid = [form.is_valid() for form in self.kept]
        return all(valid) and not self.non_form_errors()

    def source(self) -> list[Any]:
        """The rows, or the bare values."""
        rows = [form.source() for form in self.kept]
        if self.declared.bare:
            return [row[self.declared.fields[0].name] for row in rows if row]
        return rows

    def place_fault(self, fault: editor.Fault, place: editor.Place) -> None:
        """At the row, or above all rows."""
        kept = self.kept
        if place and isinstance(place[0], int) and place[0] < len(kept):
            below = (self.declared.fields[0].name,) if self.declared.bare else tuple(place[1:])
            kept[place[0]].place_fault(fault, below)
        else:
            self.non_form_errors().append(str(fault))

    def problems(self, where: str = "") -> list[Problem]:
        """As RowForm.problems."""
        label = _joined(where, self.declared.label)
        found = [Problem(label, self.prefix or "", str(text)) for text in self.non_form_errors()]
        for number, form in enumerate(self.kept, start=1):
            words = _("%(row)s %(number)d") % {"row": self.declared.row_label, "number": number}
            found += form.problems(_joined(where, words))
        return found


def problems_at(bound: forms.BoundField, where: str = "") -> list[Problem]:
    """What is wrong with one field."""
    label = _joined(where, bound.label)
    return [Problem(label, bound.id_for_label or "", str(text)) for text in bound.errors]


def _joined(*words: object) -> str:
    return " – ".join(str(word) for word in words if word)


def _listed(field: editor.Rows, value: Any) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list | tuple) else []
    if field.bare:
        return [{field.fields[0].name: row} for row in rows]
    return [dict(row) for row in rows if isinstance(row, Mapping)]
