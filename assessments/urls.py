"""Addresses of the assessments room, below /bai-thi/."""

from django.urls import path

from assessments import answer_file_views, supervision_api, views

app_name = "assessments"
urlpatterns = [
    path("bai/<uuid:public_id>/", views.sitting, name="sitting"),
    path("bai/<uuid:public_id>/nop/", views.sitting_submit, name="sitting_submit"),
    path("bai/<uuid:public_id>/ket-qua/", views.result, name="result"),
    path("bai/<uuid:public_id>/bien-nhan/", answer_file_views.receipt, name="receipt"),
    path("bai/<uuid:public_id>/tep-bai-lam/", answer_file_views.answer_file, name="answer_file"),
    path("tep-bai-lam/", answer_file_views.answer_files, name="answer_files"),
    path("tep-bai-lam/<int:pk>/", answer_file_views.answer_file_decide, name="answer_file_decide"),
    path("nhip/<str:token>/", supervision_api.pulse, name="pulse"),
    path("<slug:slug>/", views.quiz_start, name="quiz_start"),
]
