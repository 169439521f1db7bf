"""Signing in and up, and one's own account."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.account.urls"))]
