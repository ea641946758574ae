// What the desk does beyond plain pages: everything here is a convenience, and every page works without it.
"use strict";

// Forms of filters send themselves when something is chosen.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-send]");
  if (form) form.requestSubmit();
});
