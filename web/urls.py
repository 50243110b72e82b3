from django.urls import path

from web.views import health, home

urlpatterns = [
    path("", home, name="home"),
    path("healthz", health, name="health"),
]
