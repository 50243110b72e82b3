"use strict";
// Sends files in pieces: each piece is asked for, proved and written before the next; see pipeline/uploads.py.
const place = document.getElementById("receiving");
const chunk = Number(place.dataset.chunk);
const queue = [];
let busy = false;
let sent = 0;
let total = 0;

const wait = (ms) => new Promise((done) => { setTimeout(done, ms); window.addEventListener("online", done, { once: true }); });
const cookie = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || document.querySelector("[name=csrfmiddlewaretoken]").value;

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (~crc >>> 0).toString(16).padStart(8, "0");
}

async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

// browsers compute SHA-256 only where the page came over a secure connection
const proof = async (bytes) => (crypto.subtle ? `sha256 ${await sha256(bytes)}` : `crc32 ${crc32(new Uint8Array(bytes))}`);

class Refused extends Error {
  constructor(status, told) {
    super(told.message || `Máy chủ báo lỗi (${status}).`);
    Object.assign(this, { status, code: told.code, offset: told.offset });
  }
}

async function ask(url, body, headers = {}) {
  const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": cookie(), Accept: "application/json", ...headers } });
  if (answer.redirected || answer.status === 403) throw new Refused(403, { message: "Phiên làm việc đã hết. Hãy đăng nhập lại ở một thẻ khác; máy sẽ tự gửi tiếp." });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, told);
  return told;
}

function say(text) {
  document.getElementById("sending").hidden = false;
  document.getElementById("sending-told").textContent = text;
  const bar = document.getElementById("sending-bar");
  bar.max = total || 1;
  bar.value = sent;
}

function row(name, kind, label, message) {
  const line = document.createElement("tr");
  const [file, told] = [document.createElement("td"), document.createElement("td")];
  const tag = document.createElement("span");
  tag.className = `tag ${kind}`;
  tag.textContent = label;
  file.textContent = name;
  told.append(tag, " ", message);
  line.append(file, told);
  document.getElementById("nothing").hidden = true;
  const table = document.getElementById("results");
  table.hidden = false;
  table.tBodies[0].prepend(line);
}

function show(receipt) {
  if (!receipt.code) row(receipt.path, "good", "Đã nhận", "");
  else if (receipt.code === "DUPLICATE" || receipt.code === "ALREADY_SIGNED") row(receipt.path, "good", "Đã có", receipt.message);
  else row(receipt.path, "blocks", "Chưa dùng được", receipt.message);
}

async function send({ file, name }) {
  const before = sent;
  const told = await ask(place.dataset.begin, JSON.stringify({ name, size: file.size, modified: file.lastModified }));
  let { offset, receipts } = told;
  const url = `${place.dataset.begin}${told.id}/`;
  while (!receipts && offset < file.size) {
    sent = before + offset;
    say(`Đang gửi ${name} (còn ${queue.length} tệp)`);
    const bytes = await file.slice(offset, offset + chunk).arrayBuffer();
    const answer = await ask(url, bytes, { "Upload-Offset": offset, "Upload-Checksum": await proof(bytes), "Content-Type": "application/offset+octet-stream" });
    offset = answer.offset;
    if (answer.finish) break;
  }
  if (!receipts) {
    say(`Máy chủ đang cất ${name}`);
    const whole = crypto.subtle && file.size <= 32 * chunk && offset === file.size ? { "Upload-Sha256": await sha256(await file.arrayBuffer()) } : {};
    ({ receipts } = await ask(`${url}xong/`, null, whole));
  }
  receipts.forEach(show);
  document.querySelector(`[data-upload="${told.id}"]`)?.remove();
  if (!document.querySelector("[data-upload]")) document.getElementById("unfinished")?.remove();
}

async function insist(item) {
  const before = sent;
  for (let pause = 1000; ; pause = Math.min(pause * 2, 30000)) {
    try {
      await send(item);
      return;
    } catch (error) {
      sent = before;
      if (error.name === "NotReadableError" || error.name === "NotFoundError") return row(item.name, "blocks", "Chưa gửi", "Không đọc được tệp trên máy này. Hãy kiểm tra tệp rồi chọn lại.");
      if (error instanceof Refused && error.code === "COMPANION") return row(item.name, "warns", "Bỏ qua", error.message);
      if (error instanceof Refused && [400, 404, 507].includes(error.status) && error.code !== "UNKNOWN") return row(item.name, "blocks", "Chưa gửi", error.message);
      say(error instanceof Refused ? error.message : "Mất kết nối. Máy tự gửi tiếp khi có mạng; đừng đóng trang này.");
      await wait(pause);
    } finally {
      if (sent < before) sent = before;
    }
  }
}

async function work() {
  if (busy) return;
  busy = true;
  follow();
  while (queue.length) {
    const item = queue.shift();
    const before = sent;
    await insist(item);
    sent = before + item.file.size;
  }
  say("Đã gửi hết. Có thể chọn thêm tệp, hoặc rời trang này: máy chủ đọc tiếp.");
  busy = false;
  await ask(place.dataset.close).catch(() => {});
  follow();
}

function add(items) {
  for (const item of items) total += item.file.size;
  queue.push(...items);
  if (queue.length) work();
}

async function inside(entry, path = "") {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => { entry.file(done, failed); });
    return [{ file, name: path + file.name }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => { reader.readEntries(done, failed); });
    if (!some.length) return found;
    for (const one of some) found.push(...await inside(one, `${path}${entry.name}/`));
  }
}

for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
document.addEventListener("drop", async (event) => {
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  for (const entry of entries) add(await inside(entry));
});
window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });

let source = null;
let timer = 0;

function tellProgress(now) {
  document.getElementById("reading-told").textContent = `Đã nhận ${now.scans} tệp quét, còn ${now.reading} tệp chờ đọc; `
    + `${now.records} hồ sơ, ${now.waiting} hồ sơ chờ cán bộ xem, ${now.stored} hồ sơ đã lưu.`;
  const bar = document.getElementById("reading-bar");
  bar.max = now.scans || 1;
  bar.value = now.scans - now.reading;
  const next = document.getElementById("reading-next");
  if (next) next.hidden = !now.waiting;
}

async function poll() {
  const now = await fetch(place.dataset.progress).then((answer) => answer.json()).catch(() => null);
  if (now) tellProgress(now);
  if (!now) timer = setTimeout(poll, 5000);
  else if (now.busy) timer = setTimeout(follow, 5000);
}

// a stream where it comes through, questions every few seconds where it fails or a proxy holds it back
function follow() {
  source?.close();
  clearTimeout(timer);
  source = new EventSource(place.dataset.stream);
  timer = setTimeout(() => { source.close(); poll(); }, 5000);
  source.addEventListener("progress", (event) => {
    clearTimeout(timer);
    tellProgress(JSON.parse(event.data));
  });
  source.addEventListener("end", () => source.close());
  source.addEventListener("renew", follow);
  source.addEventListener("error", () => { source.close(); poll(); });
}
window.addEventListener("pagehide", () => source?.close());
follow();

for (const id of ["files", "folder", "photo"]) {
  const input = document.getElementById(id);
  const take = () => {
    const stamp = id === "photo" ? `${new Date().toISOString().replace(/[:.]/g, "-")}-` : "";
    add([...input.files].map((file) => ({ file, name: file.webkitRelativePath || stamp + file.name })));
    input.value = "";
  };
  input.addEventListener("change", take);
  // on a slow line files can be chosen before this program is there
  if (input.files.length) take();
}
