"""Signing in and up, a new password, the first one: in both languages, and telling nobody who has an account."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from people.models import Person
from people.services import activation_path, update_person
from tests.factories import PASSWORD, make_person, make_portal

pytestmark = pytest.mark.django_db
LOGIN, SIGNUP, RESET = "/tai-khoan/login/", "/tai-khoan/signup/", "/tai-khoan/password/reset/"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()  # attempts are counted there
    make_portal()


def words(response: Any) -> str:
    """The words of the page, without what differs by what was typed."""
    page = re.search(r"<main.*?</main>", response.content.decode(), re.S)
    assert page
    return " ".join(re.sub(r"<script.*?</script>|<[^>]+>", " ", page[0], flags=re.S).split())


SCREENS = [
    ("login/", "Đăng nhập", "Sign in"),
    ("signup/", "Đăng ký", "Sign up"),
    ("inactive/", "Tài khoản này đã đóng", "This account is closed"),
    ("confirm-email/", "Hãy xem hộp thư", "Look into your mailbox"),
    ("confirm-email/abc/", "Liên kết này không còn dùng được", "This link no longer works"),
    ("password/reset/", "Quên mật khẩu", "Forgot the password"),
    ("password/reset/done/", "Hãy xem hộp thư", "Look into your mailbox"),
    ("password/reset/key/1-abc/", "Liên kết này không còn dùng được", "This link no longer works"),
    ("password/reset/key/done/", "Đã đổi mật khẩu", "The password is changed"),
]
OWN_SCREENS = [
    ("logout/", "Những gì bạn đã làm đều được lưu", "What you have done is saved"),
    ("password/change/", "Đổi mật khẩu", "Change the password"),
    ("email/", "Địa chỉ email", "E-mail addresses"),
    ("reauthenticate/", "mật khẩu", "Your password, once more"),
]


@pytest.mark.parametrize(("address", "vietnamese", "english"), [*SCREENS, *OWN_SCREENS])
def test_every_screen_is_there_in_both_languages(client: Any, address: str, vietnamese: str, english: str) -> None:
    if (address, vietnamese, english) in OWN_SCREENS:
        client.post(LOGIN, {"login": make_person(email="a@example.vn").email, "password": PASSWORD})
    for prefix, text in (("", vietnamese), ("/en", english)):
        response = client.get(f"{prefix}/tai-khoan/{address}")
        assert response.status_code == 200
        assert text in words(response), words(response)


def test_every_error_of_signing_up_is_in_vietnamese(client: Any) -> None:
    form = {"full_name": "", "email": "x", "password1": "123", "password2": "12"}
    page = words(client.post(SIGNUP, form))
    for english in ("This ", "must", "Enter", "too "):
        assert english not in page, page
    for vietnamese in ("Mục này bắt buộc", "Mật khẩu quá ngắn. Cần ít nhất 10 ký tự.", "địa chỉ email đúng"):
        assert vietnamese in page, page


def test_signing_in_says_the_same_whether_there_is_an_account_or_not(client: Any) -> None:
    make_person(email="co@example.vn", staff_number="CO1")
    closed = make_person(email="dong@example.vn", staff_number="DONG1")
    Person.objects.filter(pk=closed.pk).update(is_active=False)
    for names in (("co@example.vn", "khong@example.vn", "dong@example.vn"), ("CO1", "KHONG1", "DONG1")):
        pages = {words(client.post(LOGIN, {"login": name, "password": "sai"})) for name in names}
        assert len(pages) == 1, pages


def test_a_new_password_is_promised_whether_there_is_an_account_or_not(client: Any) -> None:
    make_person(email="co@example.vn")
    for address in ("co@example.vn", "khong@example.vn"):
        response = client.post(RESET, {"email": address})
        assert (response.status_code, response["Location"]) == (302, "/tai-khoan/password/reset/done/")
    assert [message.to for message in mail.outbox] == [["co@example.vn"], ["khong@example.vn"]]
    assert all(message.body.startswith("Chào bạn,") for message in mail.outbox)
    assert "Không có tài khoản" in mail.outbox[1].body


def test_a_link_for_a_new_password_works_once(client: Any) -> None:
    make_person(email="co@example.vn")
    client.post(RESET, {"email": "co@example.vn"})
    found = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)
    assert found
    form = client.get(found[1], follow=True)
    new = {"password1": "mat-khau-moi-hoan-toan", "password2": "mat-khau-moi-hoan-toan"}
    assert client.post(form.redirect_chain[-1][0], new).status_code == 302
    client.logout()
    assert "không còn dùng được" in words(client.get(found[1], follow=True))
    assert client.post(LOGIN, {"login": "co@example.vn", "password": new["password1"]}).status_code == 302


def test_a_closed_account_is_told_so_only_with_the_right_password(client: Any) -> None:
    closed = make_person(email="dong@example.vn")
    Person.objects.filter(pk=closed.pk).update(is_active=False)
    response = client.post(LOGIN, {"login": "dong@example.vn", "password": PASSWORD})
    assert response["Location"] == "/tai-khoan/inactive/"
    assert "_auth_user_id" not in client.session


def test_who_is_closed_while_signed_in_is_out(client: Any) -> None:
    person = make_person(email="a@example.vn")
    client.post(LOGIN, {"login": "a@example.vn", "password": PASSWORD})
    update_person(person=person, by=None, is_active=False)
    assert client.get("/nhan-su/toi/").status_code == 302


def test_an_address_that_was_taken_away_opens_nothing(client: Any) -> None:
    person = make_person(email="cu@example.vn")
    EmailAddress.objects.create(user=person, email="cu@example.vn", verified=True, primary=True)
    update_person(person=person, by=None, email="moi@example.vn")
    assert client.post(LOGIN, {"login": "cu@example.vn", "password": PASSWORD}).status_code == 200
    assert client.post(LOGIN, {"login": "moi@example.vn", "password": PASSWORD}).status_code == 302


def test_guessing_an_activation_address_shows_no_name(client: Any) -> None:
    person = make_person(name="Nguyễn Bí Mật", password=None)
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    for address in (f"/nhan-su/kich-hoat/{uid}/doan-bua/", "/nhan-su/kich-hoat/@@/x/", "/nhan-su/kich-hoat/OTk5OTk/x/"):
        response = client.get(address)
        assert response.status_code == 404
        assert "Mật" not in words(response)
    assert "Mật" in words(client.get(activation_path(person=person)))


def test_an_activation_address_of_a_closed_account_does_not_work(client: Any) -> None:
    person = make_person(password=None)
    address = activation_path(person=person)
    update_person(person=person, by=None, is_active=False)
    assert client.get(address).status_code == 404


def test_many_wrong_passwords_are_slowed_down(client: Any) -> None:
    make_person(email="co@example.vn")
    for _ in range(15):
        page = client.post(LOGIN, {"login": "co@example.vn", "password": "sai"})
    assert "Hãy đợi ít phút" in words(page)
    assert "Hãy đợi ít phút" in words(client.post(LOGIN, {"login": "co@example.vn", "password": PASSWORD}))
