"use strict";
// htmx runs without eval and without inline styles, as the content policy demands.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  if (token) event.detail.headers["X-CSRFToken"] = token[1];
});

function tell(text) {
  const place = document.getElementById("messages");
  const line = document.createElement("p");
  line.className = "message error";
  line.textContent = text;
  place.replaceChildren(line);
}

document.addEventListener("htmx:sendError", () => tell("Mất kết nối. Việc vừa làm chưa được ghi; hãy thử lại khi có mạng."));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 403) tell("Phiên làm việc đã hết hoặc tài khoản không có quyền. Hãy đăng nhập lại ở một thẻ khác rồi thử lại.");
  else if (status === 409) tell("Người khác vừa sửa hồ sơ này. Hãy mở lại để xem nội dung mới.");
  else tell(`Máy chủ báo lỗi (${status}). Việc vừa làm chưa được ghi; hãy thử lại.`);
});
