"""Addresses of the records room, below /nhan-su/."""

from django.urls import path

from records import views

app_name = "records"
urlpatterns = [
    path("don-vi/", views.units, name="units"),
    path("don-vi/<str:code>/", views.unit, name="unit"),
    path("don-vi/<str:code>/nhac/", views.remind, name="remind"),
    path("ho-so/", views.my_transcript, name="my_transcript"),
    path("ho-so/<uuid:public_id>/", views.person_transcript, name="person_transcript"),
    path("xuat/", views.export_request, name="export_request"),
    path("xuat/<uuid:public_id>/", views.export_detail, name="export_detail"),
    path("xuat/<uuid:public_id>/tep.<str:kind>", views.export_file, name="export_file"),
]
