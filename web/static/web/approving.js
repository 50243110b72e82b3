"use strict";
// Marks every record of which nothing is open; those with warnings are marked one by one.
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-mark-all]")) return;
  for (const box of document.querySelectorAll("input[data-clear]")) box.checked = true;
});
