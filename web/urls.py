from django.urls import path

from web.quality import quality
from web.views import health, home

urlpatterns = [
    path("", home, name="home"),
    path("chat-luong/", quality, name="quality"),
    path("healthz", health, name="health"),
]
