"""The form of a quiz: only banks, categories and questions of its author can be chosen, whatever the browser sends."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, ObjectList

from assessments.authoring.fields import CategoryField, categories_of
from assessments.authoring.form_fields import out_of_bounds, read_number, written
from assessments.authoring.question_chooser import question_chooser
from assessments.models import Bank, Question, Quiz
from assessments.permissions import banks_to_draw_from, draws_for_everybody

LEAST_SECONDS, MOST_MINUTES = 30, 24 * 60


def banks_of(form: Any) -> QuerySet[Bank]:
    """What the author may draw from, asked once for all rows."""
    return banks_to_draw_from(form.for_user)


class DecimalCommaField(forms.DecimalField):
    """A decimal number from `least` to `most`, typed with a comma or a point, shown without idle zeros."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, least: float, most: float, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """As the reader writes numbers."""
        return written(float(value)) if isinstance(value, Decimal | int) else value

    def to_python(self, value: Any) -> Any:
        """A single comma is a decimal one."""
        return super().to_python(value.strip().replace(",", ".") if isinstance(value, str) else value)

    def validate(self, value: Any) -> None:
        """Within its bounds."""
        super().validate(value)
        if value is not None and not self.least <= value <= self.most:
            raise forms.ValidationError(out_of_bounds(self.least, self.most))


def mark_field(label: Any) -> DecimalCommaField:
    """Marks for a question."""
    return DecimalCommaField(label=label, least=0.01, most=9999, max_digits=6, decimal_places=2, initial=1)


class MinutesField(forms.CharField):
    """Seconds in the database, minutes on the screen."""

    def prepare_value(self, value: Any) -> Any:
        """Minutes."""
        return written(value / 60) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        """Seconds; None when empty."""
        if value in self.empty_values:
            return None
        number, rest = read_number(str(value))
        if number is None or rest:
            raise forms.ValidationError(_("“%(text)s” is not a number of minutes."), params={"text": value})
        seconds = round(number * 60)
        if not LEAST_SECONDS <= seconds <= MOST_MINUTES * 60:
            raise forms.ValidationError(_("Type a number of minutes from 0.5 to 1440, or leave it empty for no limit."))
        return seconds

    def run_validators(self, value: Any) -> None:
        """None beside its bounds."""


class DrawForm(WagtailAdminModelForm):
    """A row of the matrix."""

    mark = mark_field(gettext_lazy("Mark for each"))
    count = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=500, initial=1)

    class Meta:
        field_classes = {"category": CategoryField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        banks = banks_of(self)
        bank = self.fields["bank"]
        assert isinstance(bank, forms.ModelChoiceField)
        bank.queryset = banks
        bank.error_messages["invalid_choice"] = _("Choose a bank of yours.")
        before = self.fields["category"]
        self.fields["category"] = CategoryField(
            label=before.label,
            help_text=before.help_text,
            required=False,
            queryset=categories_of(banks),
            error_messages={"invalid_choice": _("Choose a category of a bank of yours.")},
        )

    def clean(self) -> dict[str, Any]:
        """The category is one of the bank."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        category, bank = data.get("category"), data.get("bank")
        if category is not None and bank is not None and category.bank_id != bank.pk:
            self.add_error("category", _("This category is not in the bank “%(bank)s”.") % {"bank": bank})
        return data


class FixedForm(WagtailAdminModelForm):
    """A question that every paper has."""

    mark = mark_field(gettext_lazy("Mark"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["question"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Question.objects.filter(bank__in=banks_of(self))
        field.error_messages["invalid_choice"] = _("Choose a question of a bank of yours.")


class QuizForm(WagtailAdminModelForm):
    """Rules of a quiz."""

    pass_percent = DecimalCommaField(
        label=gettext_lazy("Pass mark (%)"),
        least=0,
        most=100,
        max_digits=5,
        decimal_places=2,
        initial=70,
    )
    time_limit_seconds = MinutesField(
        label=gettext_lazy("Time limit in minutes"), required=False, help_text=gettext_lazy("Empty: no limit.")
    )
    attempts_allowed = forms.IntegerField(
        label=gettext_lazy("Attempts"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=gettext_lazy("Empty: no limit."),
    )
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["bank"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = banks_of(self)
        field.required = not draws_for_everybody(self.for_user)
        field.error_messages["invalid_choice"] = _("Choose a bank of yours.")
        if self.instance.pk:
            self.initial["seen_at"] = self.instance.updated_at.isoformat()

    def clean(self) -> dict[str, Any]:
        """Closing after opening; nobody else saved meanwhile."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("It must close after it opens: choose a later time."))
        if self.instance.pk:
            now = Quiz.objects.filter(pk=self.instance.pk).values_list("updated_at", flat=True).first()
            if now is None or now.isoformat() != data.get("seen_at"):
                message = _(
                    "Somebody saved this quiz while you were editing it. Nothing was overwritten: open it again in a new "
                    "tab and make your changes there."
                )
                self.add_error(None, message)
        return data


class OwnRows(InlinePanel):
    """Rows whose form knows who edits."""

    def __init__(self, *args: Any, row_form: type[WagtailAdminModelForm], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row_form = row_form

    def clone_kwargs(self) -> dict[str, Any]:
        """With the form."""
        return {**super().clone_kwargs(), "row_form": self.row_form}

    def get_form_options(self) -> dict[str, Any]:
        """With the form, and the person."""
        options: dict[str, Any] = super().get_form_options()
        own = options["formsets"][self.relation_name]
        options["formsets"][self.relation_name] = {**own, "form": self.row_form, "inherit_kwargs": ["for_user"]}
        return options


def _panels(*names: str) -> list[FieldPanel]:
    return [FieldPanel(name) for name in names]


QUIZ_PANELS = ObjectList(
    [
        MultiFieldPanel(_panels("title", "title_en", "slug", "kind", "bank"), heading=gettext_lazy("What it is")),
        MultiFieldPanel(
            _panels("pass_percent", "attempts_allowed", "attempt_grade", "feedback"),
            heading=gettext_lazy("Passing and trying again"),
        ),
        MultiFieldPanel(
            _panels("time_limit_seconds", "grace_seconds", "opens_at", "closes_at"), heading=gettext_lazy("Time")
        ),
        MultiFieldPanel(_panels("shuffle_questions", "shuffle_choices"), heading=gettext_lazy("Order")),
        OwnRows(
            "draws",
            heading=gettext_lazy("Matrix"),
            label=gettext_lazy("Row"),
            row_form=DrawForm,
            panels=_panels("bank", "category", "difficulty", "nature", "outcome", "count", "mark"),
        ),
        OwnRows(
            "fixed_questions",
            heading=gettext_lazy("Fixed questions"),
            label=gettext_lazy("Question"),
            row_form=FixedForm,
            panels=[FieldPanel("question", widget=question_chooser.widget_class), FieldPanel("mark")],
        ),
    ],
    base_form_class=QuizForm,
)
