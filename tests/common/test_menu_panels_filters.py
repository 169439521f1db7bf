"""The menu, the panels and the filters that pages use."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import mark_safe

from common import navigation, panels
from common.messages import filled, in_both
from common.navigation import NavItem, register_nav

rf = RequestFactory()


@pytest.fixture
def menu(monkeypatch, settings):
    monkeypatch.setattr(navigation, "_items", {})
    settings.ROOT_URLCONF = "tests.common.urls"


def shown(path: str = "/") -> list:
    return list(navigation.navigation(rf.get(path))["nav_items"])


def test_entries_are_shown_in_order_with_their_address(menu):
    register_nav(NavItem("B", "b", 20, icon="book"))
    register_nav(NavItem("A", "a", 10))
    assert [(item.label, item.url, item.icon) for item in shown()] == [
        ("A", "/hoc/", ""),
        ("B", "/hoc/b/", "book"),
    ]


def test_an_entry_registered_again_is_replaced(menu):
    register_nav(NavItem("A", "a", 10))
    register_nav(NavItem("A2", "a", 10))
    assert [item.label for item in shown()] == ["A2"]


def test_each_visitor_sees_what_is_for_them(menu):
    register_nav(NavItem("A", "a", visible=lambda request: request.path == "/x"))
    assert shown("/") == []
    assert len(shown("/x")) == 1


@pytest.mark.parametrize(
    ("path", "active"),
    [
        ("/", ["Home"]),
        ("/hoc/", ["A"]),
        ("/hoc/bai-1/", ["A"]),
        ("/hoc/b/", ["B"]),
        ("/hoc/b/2", ["B"]),
        ("/khac/", []),
    ],
)
def test_the_entry_nearest_to_the_page_is_active(menu, path, active):
    register_nav(NavItem("Home", "home", 0))
    register_nav(NavItem("A", "a", 1))
    register_nav(NavItem("B", "b", 2))
    assert [item.label for item in shown(path) if item.active] == active


def test_an_entry_without_address_is_left_out_and_reported_by_the_check(menu, caplog):
    register_nav(NavItem("A", "a"))
    assert navigation.check_addresses(None) == []
    register_nav(NavItem("X", "no_such_view"))
    assert [item.label for item in shown()] == ["A"]
    assert "no_such_view" in caplog.text
    (problem,) = navigation.check_addresses(None)
    assert problem.id == "common.E001"


def test_the_menu_is_not_worked_out_when_nobody_looks(menu):
    asked = []
    register_nav(NavItem("A", "a", visible=lambda request: bool(asked.append(1))))
    navigation.navigation(rf.get("/"))
    assert asked == []


@pytest.fixture
def place(monkeypatch):
    monkeypatch.setattr(panels, "_panels", {})


def render(place: str, **context) -> str:
    template = Template('{% load panels %}[{% panels "' + place + '" %}]')
    return template.render(RequestContext(rf.get("/"), context))


def test_panels_stand_in_order_and_know_the_page(place):
    panels.register_panel("home", lambda request, context: mark_safe("<b>2</b>"), order=2)
    panels.register_panel("home", lambda request, context: mark_safe(f"<i>{context['n']}{request.path}</i>"), order=1)
    panels.register_panel("other", lambda request, context: "never")
    assert render("home", n=7) == "[<i>7/</i><b>2</b>]"
    assert render("empty") == "[]"


def test_a_panel_registered_twice_is_shown_once(place):
    def panel(request, context):
        return "x"

    panels.register_panel("home", panel)
    panels.register_panel("home", panel)
    assert render("home") == "[x]"


def test_a_panel_that_forgets_to_escape_harms_nobody(place):
    panels.register_panel("home", lambda request, context: "<script>")
    assert render("home") == "[&lt;script&gt;]"


def test_a_panel_that_fails_is_logged_and_the_page_stands(place, caplog, settings):
    def broken(request, context):
        raise LookupError("no such unit")

    panels.register_panel("home", broken, order=1)
    panels.register_panel("home", lambda request, context: "ok", order=2)
    with caplog.at_level(logging.ERROR):
        assert render("home") == "[ok]"
    assert "no such unit" in caplog.text
    settings.DEBUG = True
    with pytest.raises(LookupError):
        render("home")


def test_panels_need_a_request(place):
    panels.register_panel("home", lambda request, context: "x")
    assert Template('{% load panels %}[{% panels "home" %}]').render(Context({})) == "[]"


def filtered(expression: str, value, language: str = "vi") -> str:
    with translation.override(language):
        return Template("{% load vietnamese %}{{ value|" + expression + " }}").render(Context({"value": value}))


@pytest.mark.parametrize(
    ("expression", "value", "vi", "en"),
    [
        ("vn_number", 1234.5, "1.234,5", "1,234.5"),
        ("vn_number:2", Decimal("7"), "7,00", "7.00"),
        ("vn_number", "8.5", "8,5", "8.5"),
        ("vn_number", None, "", ""),
        ("vn_number", "no number", "", ""),
        ("vn_number", float("nan"), "", ""),
        ("vn_date", date(2026, 4, 3), "03/04/2026", "03/04/2026"),
        ("vn_date", datetime(2026, 4, 2, 20, tzinfo=UTC), "03/04/2026", "03/04/2026"),
        ("vn_date:'long'", date(2015, 4, 13), "Thứ Hai, ngày 13 tháng 4 năm 2015", None),
        ("vn_date", None, "", ""),
        ("vn_datetime", datetime(2026, 4, 2, 20, 5, tzinfo=UTC), "03:05 03/04/2026", "03:05 03/04/2026"),
        ("vn_datetime", datetime(2026, 4, 2, 20, 5), "20:05 02/04/2026", None),
        ("vn_datetime", "", "", ""),
        ("vn_duration", 5400, "1 giờ 30 phút", "1 hour 30 minutes"),
        ("vn_duration", timedelta(hours=2), "2 giờ", "2 hours"),
        ("vn_duration", 45, "45 giây", "45 seconds"),
        ("vn_duration", 61, "1 phút", "1 minute"),
        ("vn_duration", 0, "0 giây", "0 seconds"),
        ("vn_duration", -5, "", ""),
        ("vn_duration", None, "", ""),
        ("percent:1", Decimal("71.43"), "71,4%", "71.4%"),
        ("percent", None, "", ""),
    ],
)
def test_values_are_written_as_the_reader_writes_them(expression, value, vi, en):
    assert filtered(expression, value) == vi
    if en is not None:
        assert filtered(expression, value, "en") == en


def test_a_field_is_shown_in_the_readers_language():
    class Thing:
        title, title_en, note, note_en = "Khoá học", "Course", "Ghi chú", ""

    assert filtered("in_language:'title'", Thing()) == "Khoá học"
    assert filtered("in_language:'title'", Thing(), "en") == "Course"
    assert filtered("in_language:'note'", Thing(), "en") == "Ghi chú"


def test_a_sentence_with_values_is_said_in_the_language_of_its_reader():
    reason = translation.gettext_lazy("The file is empty.")
    message = filled(translation.gettext_lazy("Row %(row)d: %(reason)s"), {"row": 3, "reason": reason})
    with translation.override("en"):
        assert str(message) == "Row 3: The file is empty."
    with translation.override("vi"):
        assert str(message) == "Dòng 3: Tệp trống."
        assert Template("{{ m }}").render(Context({"m": filled("%(a)s", {"a": "<b>"})})) == "&lt;b&gt;"
    assert in_both(message) == "Dòng 3: Tệp trống. / Row 3: The file is empty."
