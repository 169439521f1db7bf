"""Addresses of the people room, below /nhan-su/."""

from django.urls import path

from people import token_views, views

app_name = "people"
urlpatterns = [
    path("danh-sach/", views.roster_list, name="roster_list"),
    path("danh-sach/tai-len/", views.roster_upload, name="roster_upload"),
    path("danh-sach/mau.<str:kind>", views.roster_sample, name="roster_sample"),
    path("danh-sach/<int:pk>/", views.roster_detail, name="roster_detail"),
    path("danh-sach/<int:pk>/ap-dung/", views.roster_apply, name="roster_apply"),
    path("kich-hoat/<str:uidb64>/<str:token>/", views.activate, name="activate"),
    path("toi/", views.profile, name="profile"),
    path("toi/ma-truy-cap/", token_views.api_tokens, name="api_tokens"),
]
