"use strict";
// A wall of pictures of one reading: one key each says right or wrong.
(() => {
  const wall = document.getElementById("wall");
  if (!wall) return;
  const cards = [...wall.querySelectorAll("[data-url]")];
  const saving = document.getElementById("saving");
  const token = wall.querySelector("[name=csrfmiddlewaretoken]").value;

  async function speak(card, word) {
    if (card.dataset.busy) return;
    card.dataset.busy = "1";
    go(card, 1);
    const state = card.querySelector(".state");
    try {
      const answer = await fetch(card.dataset.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ word, seen: Number(card.dataset.seen) }),
      });
      if (answer.status >= 500 || answer.status === 403 || answer.redirected) throw new Error(String(answer.status));
      const told = await answer.json();
      if (answer.ok && told.id) card.dataset.seen = told.id;
      state.textContent = answer.ok ? (word === "confirm" ? "✓ đúng" : "✗ sai") : told.message;
      saving.textContent = "";
    } catch {
      saving.textContent = "Có ô chưa ghi được; hãy bấm lại ở ô đó khi có mạng.";
      state.textContent = "chưa ghi";
    }
    delete card.dataset.busy;
  }

  const go = (card, step) => cards[cards.indexOf(card) + step]?.focus();

  for (const card of cards) {
    card.addEventListener("click", () => speak(card, "confirm"));
    card.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() === "x") speak(card, "wrong");
      else if (event.key === "ArrowRight") go(card, 1);
      else if (event.key === "ArrowLeft") go(card, -1);
    });
  }
  cards[0]?.focus();
})();
