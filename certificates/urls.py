"""Addresses of the certificates room."""

from django.urls import path

from certificates import views

app_name = "certificates"
urlpatterns = [
    path("kiem-tra/", views.verify, name="verify"),
    path("kiem-tra/<str:code>/", views.verify_code, name="verify_code"),
    path("chung-chi/", views.mine, name="mine"),
    path("chung-chi/<str:code>/", views.detail, name="detail"),
    path("chung-chi/<str:code>/tep.<str:kind>", views.file, name="file"),
]
