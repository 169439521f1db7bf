"""Addresses of the assessments room, below /bai-thi/."""

from django.urls import path

from assessments import supervision_api, views

app_name = "assessments"
urlpatterns = [
    path("bai/<uuid:public_id>/", views.sitting, name="sitting"),
    path("bai/<uuid:public_id>/nop/", views.sitting_submit, name="sitting_submit"),
    path("bai/<uuid:public_id>/ket-qua/", views.result, name="result"),
    path("nhip/<str:token>/", supervision_api.pulse, name="pulse"),
    path("<slug:slug>/", views.quiz_start, name="quiz_start"),
]
