"use strict";
// One record under review. Every word is sent at once; what cannot be sent waits in this browser and is sent later.
(() => {
  const bench = document.getElementById("bench");
  if (!bench) return;
  const base = bench.dataset.url;
  const fields = [...document.querySelectorAll(".field")];
  const saving = document.getElementById("saving");
  const store = `sohoa:${bench.dataset.user}:${base}`;
  const waiting = JSON.parse(localStorage.getItem(store) || "[]");
  let sending = false;

  // The page

  const pages = JSON.parse(document.getElementById("pages").textContent);
  const offsets = new Map();
  const map = L.map("viewer", { crs: L.CRS.Simple, minZoom: -5, maxZoom: 3, zoomSnap: 0.25, attributionControl: false, keyboard: false });
  let down = 0;
  for (const page of pages) {
    offsets.set(page.number, { top: down, height: page.height });
    L.imageOverlay(`${base}trang/${page.number}.jpg`, [[-down - page.height, 0], [-down, page.width]], { alt: `Trang ${page.number}` }).addTo(map);
    down += page.height + 40;
  }
  const width = Math.max(...pages.map((page) => page.width), 1);
  map.fitBounds([[-Math.max(down, 1), 0], [0, width]]);
  const mark = L.rectangle([[0, 0], [0, 0]], { color: "#b00020", weight: 2, fill: false, interactive: false }).addTo(map);
  const zoom = document.getElementById("zoom");

  function show(field) {
    const page = offsets.get(Number(field.dataset.page));
    if (!field.dataset.box || !page) {
      zoom.removeAttribute("src");
      return;
    }
    const [left, top, right, bottom] = field.dataset.box.split(",").map(Number);
    const bounds = [[-page.top - bottom, left], [-page.top - top, right]];
    mark.setBounds(bounds);
    map.fitBounds(bounds, { maxZoom: 0, padding: [120, 120], animate: false });
    zoom.src = field.dataset.picture;
  }

  // Words

  // letterheads have line feeds, which a box of one line would swallow and glue words together
  const line = (text) => text.replace(/\s+/g, " ").trim();
  const input = (field) => field.querySelector("input");
  const current = () => document.activeElement?.closest?.(".field");

  function body(field, word) {
    return { key: field.dataset.key, word, written: input(field).value, seen: Number(field.dataset.seen) };
  }

  function speak(field, word) {
    waiting.push(body(field, word));
    keep();
    field.classList.add("settled");
    field.classList.remove("wrong");
    count();
    send();
  }

  function keep() {
    localStorage.setItem(store, JSON.stringify(waiting));
    saving.textContent = waiting.length ? `Đang ghi ${waiting.length}…` : "Đã ghi";
  }

  class SignedOut extends Error {}

  async function send() {
    if (sending) return;
    sending = true;
    try {
      while (waiting.length) {
        const [word] = waiting;
        const field = fields.find((one) => one.dataset.key === word.key);
        const answer = await fetch(`${base}truong/${word.key}/${word.word === "undo" ? "hoan-tac/" : ""}`, {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
          body: JSON.stringify(word),
        });
        if (answer.redirected || answer.status === 403) throw new SignedOut();
        if (answer.status >= 500) throw new Error(String(answer.status));
        waiting.shift();
        localStorage.setItem(store, JSON.stringify(waiting));
        const told = await answer.json();
        if (field) took(field, word, told, answer.ok);
      }
      keep();
    } catch (error) {
      saving.textContent = error instanceof SignedOut
        ? `Phiên đã hết, còn ${waiting.length} trường chưa ghi: đăng nhập lại ở thẻ khác, máy tự ghi tiếp.`
        : `Chưa ghi được ${waiting.length} trường; máy giữ lại và tự gửi khi có mạng.`;
      setTimeout(send, 4000);
    } finally {
      sending = false;
    }
  }

  function took(field, word, told, fine) {
    const following = waiting.find((one) => one.key === word.key);
    if (told.id) {
      field.dataset.seen = told.id;
      for (const one of waiting) if (one.key === word.key) one.seen = told.id;
    }
    const state = field.querySelector(".state");
    state.textContent = told.message || (told.status === "UNREADABLE" ? "không đọc được" : told.by || "máy đọc");
    if (told.id && !following) {
      if (word.word === "undo" || document.activeElement !== input(field)) input(field).value = line(told.written);
      field.dataset.written = line(told.written);
      field.dataset.accepted = told.accepted ? "1" : "";
      field.dataset.turn = told.turn;
      input(field).readOnly = told.turn === "apart";
    }
    field.classList.toggle("settled", fine && Boolean(told.accepted));
    field.classList.toggle("wrong", !fine || told.fits === false);
    if (fine) localStorage.removeItem(draft(field));
    if (told.findings) refresh(told.findings);
    count();
  }

  // Findings that stay keep what was typed beside them.
  function refresh(findings) {
    for (const field of fields) {
      const place = field.querySelector(".findings");
      const { ids, html } = findings[field.dataset.key] ?? { ids: "", html: "" };
      if (place.dataset.ids === ids) continue;
      place.dataset.ids = ids;
      place.innerHTML = html;
      htmx.process(place);
    }
  }

  function token() {
    return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]").value;
  }

  function count() {
    const left = fields.filter((field) => !field.classList.contains("settled")).length;
    const place = document.getElementById("left");
    place.textContent = `${left} trường cần xem`;
    place.className = `tag ${left ? "warns" : "good"}`;
  }

  // Keys

  function go(field, step) {
    const next = fields[fields.indexOf(field) + step];
    if (next) input(next).focus();
    return Boolean(next);
  }

  function said(field) {
    const text = input(field).value.trim();
    return text && text === field.dataset.written.trim() ? "confirm" : text ? "value" : "empty";
  }

  // A field that is keyed twice takes what was typed; nothing is confirmed in it, and an empty box is no word.
  function accept(field) {
    const word = said(field);
    if (field.dataset.turn === "blind" && word === "empty") {
      field.querySelector(".state").textContent = "hãy gõ chữ trên giấy; để trống: Alt T, không đọc được: Alt K";
      return;
    }
    if (!field.dataset.turn || (field.dataset.turn !== "apart" && word === "value")) speak(field, word);
    if (!go(field, 1)) document.querySelector("#finish button").focus();
  }

  const draft = (field) => `${store}:${field.dataset.key}`;

  for (const field of fields) {
    input(field).value = field.dataset.written = line(field.dataset.written);
    const kept = localStorage.getItem(draft(field));
    if (kept !== null && kept !== input(field).value) {
      input(field).value = kept;
      field.classList.remove("settled");
      field.querySelector(".state").textContent = "chữ gõ dở, chưa ghi";
    }
    input(field).addEventListener("input", () => localStorage.setItem(draft(field), input(field).value));
    input(field).addEventListener("focus", () => input(field).select());
    field.addEventListener("focusin", () => {
      if (field.classList.contains("current")) return;
      fields.forEach((one) => one.classList.toggle("current", one === field));
      show(field);
    });
    field.querySelectorAll("[data-choice]").forEach((button) => {
      button.addEventListener("click", () => choose(field, button));
    });
  }

  function choose(field, button) {
    input(field).value = button.dataset.choice;
    accept(field);
  }

  function acceptRest() {
    for (const field of fields) if (!field.dataset.turn && !field.classList.contains("settled")) speak(field, said(field));
    document.querySelector("#finish button").focus();
  }

  document.getElementById("accept-rest").addEventListener("click", acceptRest);

  // The box for the reason of the next open finding: of this field, of one below it, of the whole record, from the top.
  function reason(field) {
    const boxes = [...bench.querySelectorAll(".finding [name=ly_do]")];
    const at = boxes.indexOf(document.activeElement);
    const below = (box) => field.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING;
    const next = at < 0 && field ? boxes.find(below) : boxes[at + 1];
    (next ?? boxes[0])?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const field = current();
    const key = event.key.toLowerCase();
    const stop = () => event.preventDefault();
    if (event.altKey && key === "enter") { stop(); leave(); return; }
    if (event.altKey && key === "a") { stop(); acceptRest(); return; }
    if (event.altKey && key === "g") { stop(); document.getElementById("note").focus(); return; }
    if (event.altKey && key === "l") { stop(); reason(field); return; }
    if (!field) return;
    if (event.altKey && (key === "b" || key === "c")) {
      stop();
      (event.target.closest(".answer") ?? field).querySelector(`[data-answer=${key}]`)?.click();
      return;
    }
    const typing = event.target === input(field);
    if (event.altKey && (!typing || field.dataset.turn === "apart")) return;
    if (event.altKey) {
      const choice = field.querySelectorAll("[data-choice]")[Number(event.code.replace("Digit", "")) - 1];
      if (choice) { stop(); choose(field, choice); }
      else if (key === "k") { stop(); input(field).value = ""; speak(field, "unreadable"); go(field, 1); }
      else if (key === "t") { stop(); input(field).value = ""; speak(field, "empty"); go(field, 1); }
      else if (key === "z") { stop(); speak(field, "undo"); field.classList.remove("settled"); }
      return;
    }
    if (!typing) {
      if (key === "escape") { stop(); input(field).focus(); }
      // two buttons: which one is meant has to be said
      if (key === "enter" && event.target.matches(".answer [name=ly_do]")) stop();
      return;
    }
    if (key === "enter") { stop(); accept(field); }
    else if (key === "arrowdown") { stop(); go(field, 1); }
    else if (key === "arrowup") { stop(); go(field, -1); }
  });

  // A finding settled, the officer is back at its field; a reason refused is written on.
  bench.addEventListener("htmx:afterSettle", (event) => {
    const finding = event.target.closest(".finding");
    if (!finding) return;
    const refused = finding.querySelector("[role=alert]") && finding.querySelector("[name=ly_do]");
    (refused || (finding.closest(".field") ?? document.querySelector(".field.current"))?.querySelector("input"))?.focus();
  });

  // A note said, the officer is back where they were.
  document.getElementById("notes").addEventListener("htmx:afterSettle", (event) => {
    if (!event.currentTarget.querySelector("[role=alert]")) document.querySelector(".field.current input")?.focus();
  });

  // Leaving

  async function leave() {
    if (sending) {
      setTimeout(leave, 300);
      return;
    }
    await send();
    if (!waiting.length) document.getElementById("finish").submit();
  }

  document.getElementById("finish").addEventListener("submit", (event) => {
    if (waiting.length || sending) {
      event.preventDefault();
      setTimeout(leave, 300);
    }
  });
  window.addEventListener("online", send);
  window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });

  count();
  (fields.find((field) => !field.classList.contains("settled")) ?? fields[0])?.querySelector("input").focus();
  send();
})();
