from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from web import (
    approving,
    audit,
    handover,
    people,
    receiving,
    review,
    sealed,
    searching,
    settling,
    signing,
    single_sign_on,
    webhooks,
)
from web.agreement import agreement
from web.api import paths as interface
from web.copy_links import fetch as open_copy_link
from web.groups import group_list, wall
from web.guide import guide, keys
from web.notes import note
from web.progress import progress
from web.quality import quality
from web.register_answers import take_or_refuse
from web.views import health, home

sign_in = [
    path("dang-nhap/", account.login, name="account_login"),
    path("thoat/", account.logout, name="account_logout"),
    path("mot-lan/", single_sign_on.begin, name="single-sign-on"),
    path("mot-lan/ve/", single_sign_on.finish, name="single-sign-on-return"),
    path("ngung-dung/", account.account_inactive, name="account_inactive"),
    path("xac-nhan-lai/", account.reauthenticate, name="account_reauthenticate"),
    path("mat-khau/", account.password_change, name="account_change_password"),
    path("lop-thu-hai/", include("allauth.mfa.urls")),
]
receive = [
    path("", receiving.receiving, name="receiving"),
    path("<uuid:pk>/", receiving.delivery, name="receiving-delivery"),
    path("<uuid:pk>/tep/", receiving.begin, name="receiving-begin"),
    path("<uuid:pk>/tep/<slug:upload>/", receiving.piece, name="receiving-piece"),
    path("<uuid:pk>/tep/<slug:upload>/xong/", receiving.finish, name="receiving-finish"),
    path("<uuid:pk>/xong/", receiving.close, name="receiving-close"),
    path("<uuid:pk>/tien-do/", receiving.progress, name="receiving-progress"),
    path("<uuid:pk>/dong/", receiving.stream, name="receiving-stream"),
]
reviewing = [
    path("", review.queue, name="review-queue"),
    path("nhom/", group_list, name="review-groups"),
    path("nhom/tuong/", wall, name="review-wall"),
    path("thong-nhat/", settling.settling, name="settling"),
    path("thong-nhat/<int:value>/", settling.field, name="settling-field"),
    path("thong-nhat/<int:value>/quyet/", settling.decide, name="settling-decide"),
    path("<uuid:pk>/", review.record, name="review-record"),
    path("<uuid:pk>/truong/<slug:key>/", review.word, name="review-word"),
    path("<uuid:pk>/truong/<slug:key>/hoan-tac/", review.undo, name="review-undo"),
    path("<uuid:pk>/xong/", review.done, name="review-done"),
    path("<uuid:pk>/ghi-chu/", note, name="review-note"),
    path("<uuid:pk>/quet-lai/", review.rescan, name="review-rescan"),
    path("<uuid:pk>/muc/<int:finding>/", review.settle, name="review-settle"),
    path("<uuid:pk>/dan-cu/<int:finding>/", take_or_refuse, name="review-answer"),
    path("<uuid:pk>/trang/<int:number>.jpg", review.page_picture, name="review-page-picture"),
    path("<uuid:pk>/o/<int:value>.jpg", review.field_picture, name="review-field-picture"),
]
approval = [
    path("", approving.books, name="approving"),
    path("quyen/", approving.book, name="approving-book"),
    path("duyet/", approving.approve, name="approve"),
    path("tien-do/", approving.progress, name="approving-progress"),
    path("thiet-bi/", signing.own_token, name="own-token"),
    path("thiet-bi/tai-ve/", signing.download, name="own-token-download"),
    path("thiet-bi/nop/", signing.upload, name="own-token-upload"),
    path("<uuid:pk>/", sealed.record, name="sealed-record"),
    path("<uuid:pk>/rut/", approving.take_back, name="approval-withdraw"),
    path("<uuid:pk>/dinh-chinh/", sealed.correction, name="correction"),
    path("ban-ky/<int:copy>/kiem-chung/", sealed.verify, name="copy-verify"),
    path("ban-ky/<int:copy>/tep.pdf", sealed.content, name="copy-content"),
]
handing_over = [
    path("", handover.packages, name="packages"),
    path("lap/", handover.make, name="package-make"),
    path("tep/<int:event>/<str:name>", handover.fetch, name="package-fetch"),
]
search = [
    path("", searching.find, name="search"),
    path("<uuid:pk>/", searching.record, name="search-record"),
    path("<uuid:pk>/trang/<int:number>.jpg", searching.page_picture, name="search-page-picture"),
]
managing_people = [
    path("", people.people, name="people"),
    path("them/", people.add, name="people-add"),
    path("<int:pk>/", people.account, name="people-account"),
    path("<int:pk>/vai-tro/", people.role, name="people-role"),
    path("<int:pk>/mat-khau/", people.password, name="people-password"),
    path("<int:pk>/khoa/", people.switch, name="people-switch"),
    path("don-vi/", people.offices, name="people-offices"),
    path("don-vi/them/", people.office, name="people-office-add"),
    path("don-vi/sua/<slug:code>/", people.office, name="people-office"),
    path("bao-tin/", webhooks.webhooks, name="webhooks"),
    path("bao-tin/<uuid:pk>/thoi/", webhooks.withdraw, name="webhook-withdraw"),
    path("bao-tin/<uuid:pk>/<int:delivery>/gui-lai/", webhooks.again, name="webhook-again"),
]
handler404 = "web.trouble.not_found"
urlpatterns = [
    path("", home, name="home"),
    path("tai-khoan/", include(sign_in)),
    path("tiep-nhan/", include(receive)),
    path("kiem-tra/", include(reviewing)),
    path("phe-duyet/", include(approval)),
    path("tra-cuu/", include(search)),
    path("tai-ve/<str:ticket>", open_copy_link, name="copy-link"),
    path("giao-nop/", include(handing_over)),
    path("nhat-ky/", audit.audit, name="audit"),
    path("nhat-ky/kiem-chuoi/", audit.verify, name="audit-verify"),
    path("nguoi-dung/", include(managing_people)),
    path("tien-do/", progress, name="progress"),
    path("chat-luong/", quality, name="quality"),
    path("muc-khop/", agreement, name="agreement"),
    path("tro-giup/", guide, name="guide"),
    path("tro-giup/phim/", keys, name="guide-keys"),
    path("api/v1/", include((interface(), "api"))),
    path("healthz", login_not_required(health), name="health"),
]
