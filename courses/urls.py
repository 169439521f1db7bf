"""Addresses of the courses room, below /hoc/."""

from django.urls import path

from courses import views

app_name = "courses"
urlpatterns = [
    path("danh-muc/", views.catalogue, name="catalogue"),
    path("", views.my_learning, name="my_learning"),
    path("<slug:slug>/ghi-danh/", views.enrol, name="enrol"),
    path("<slug:slug>/tiep/", views.resume, name="resume"),
    path("da-doc/<int:pk>/", views.lesson_done, name="lesson_done"),
]
