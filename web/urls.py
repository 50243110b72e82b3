from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from web.quality import quality
from web.views import health, home

sign_in = [
    path("dang-nhap/", account.login, name="account_login"),
    path("thoat/", account.logout, name="account_logout"),
    path("ngung-dung/", account.account_inactive, name="account_inactive"),
    path("xac-nhan-lai/", account.reauthenticate, name="account_reauthenticate"),
    path("mat-khau/", account.password_change, name="account_change_password"),
    path("lop-thu-hai/", include("allauth.mfa.urls")),
]
urlpatterns = [
    path("", home, name="home"),
    path("tai-khoan/", include(sign_in)),
    path("chat-luong/", quality, name="quality"),
    path("healthz", login_not_required(health), name="health"),
]
