"use strict";
// One key decides between two keyings; what the keys are stands on the buttons.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.isComposing) return;
  const key = event.code.startsWith("Digit") ? event.code.slice(5) : event.key.toLowerCase();
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
