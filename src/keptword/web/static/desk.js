// What the desk does beyond plain pages: everything here is a convenience, and every page works without it.
"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const isTyping = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

// --- Forms ------------------------------------------------------------------------------------------

// Forms of filters send themselves when something is chosen.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-send]");
  if (form) form.requestSubmit();
});

// <form data-files> sends files as soon as they are chosen or dropped, and says that they are on their way.
document.addEventListener("change", (event) => {
  const form = event.target.matches("input[type=file]") && event.target.closest("form[data-files]");
  if (form && event.target.files.length) form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const sending = event.target.querySelector("[data-sending]");
  if (sending) sending.hidden = false;
});

// <input type=checkbox data-all="name"> ticks every box of that name, and shows whether some of them are ticked.
const boxes = (head) => all(`input[type=checkbox][name="${head.dataset.all}"]`, head.form ?? document);

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) boxes(event.target).forEach((box) => { box.checked = event.target.checked; });
  all("[data-all]").forEach((head) => {
    const ticked = boxes(head).filter((box) => box.checked).length;
    head.checked = ticked > 0 && ticked === boxes(head).length;
    head.indeterminate = ticked > 0 && !head.checked;
  });
});

// --- Copying ----------------------------------------------------------------------------------------

// <button data-copy="#letter"> copies the text of an element, data-copy-text="…" that text; data-copied says so after.
function copied(button) {
  const source = button.dataset.copy && document.querySelector(button.dataset.copy);
  return button.dataset.copyText ?? source?.value ?? source?.innerText ?? "";
}

async function copy(button) {
  await navigator.clipboard.writeText(copied(button));
  const label = button.textContent;
  button.textContent = button.dataset.copied ?? label;
  button.setAttribute("aria-live", "polite");
  setTimeout(() => { button.textContent = label; }, 2000);
}

const canCopy = () => all("[data-copy], [data-copy-text]").forEach((button) => { button.hidden = !navigator.clipboard; });

// --- Dialogs ----------------------------------------------------------------------------------------

// <a href="page" data-dialog="#id"> opens a dialog instead of the page that does the same.
async function open(dialog) {
  if (dialog.open) return;
  if (dialog.dataset.part && !dialog.childElementCount) await htmx.ajax("GET", dialog.dataset.part, dialog);
  dialog.showModal();
  const input = dialog.querySelector("[role=combobox]");
  if (!input) return;
  input.select();
  htmx.trigger(input, "shown");
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.querySelector(opener.dataset.dialog);
  const button = event.target.closest("[data-copy], [data-copy-text]");
  if (dialog && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    open(dialog);
  }
  if (button) copy(button);
  // A click beside a dialog closes it.
  if (event.target.matches("dialog[open]")) event.target.close();
});

// --- Finding: the arrows choose among what was found, Enter goes there ------------------------------

function choose(input, option) {
  all("#found [role=option]").forEach((each) => { each.setAttribute("aria-selected", String(each === option)); });
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function find(event, input) {
  const options = all("#found [role=option]");
  const chosen = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length) {
    event.preventDefault();
    choose(input, options[(chosen + step + options.length) % options.length]);
  } else if (event.key === "Enter" && !event.isComposing && chosen >= 0) {
    event.preventDefault();
    location.assign(options[chosen].href);
  }
}

// What was found belongs to other letters until the answer to these is there.
document.addEventListener("input", (event) => { if (event.target.matches("[role=combobox]")) choose(event.target); });

document.addEventListener("htmx:afterSwap", (event) => {
  canCopy();
  if (event.target.id !== "found") return;
  choose(document.querySelector("#palette [role=combobox]"), document.querySelector("#found [role=option]"));
});

// --- Lists: j and k go from line to line, x ticks, Enter opens what has the focus --------------------

const rows = () => all("[data-rows] > tbody > tr, ul[data-rows] > li").filter((row) => row.checkVisibility());
const handle = (row) => row.querySelector("a[href]") ?? row.querySelector("input[type=checkbox], button");

function move(step) {
  const there = rows();
  const here = there.findIndex((row) => row.contains(document.activeElement));
  const next = there[here < 0 ? 0 : Math.min(Math.max(here + step, 0), there.length - 1)];
  if (next) handle(next)?.focus();
}

function tick() {
  const row = rows().find((each) => each.contains(document.activeElement));
  row?.querySelector("input[type=checkbox]")?.click();
}

// --- Keys -------------------------------------------------------------------------------------------

let after = "";

function go(key) {
  const link = document.querySelector(`[data-goto="${CSS.escape(key)}"]`);
  if (link) location.assign(link.href);
}

const KEYS = {
  "?": () => open(document.querySelector("#keys")),
  "/": () => {
    const search = document.querySelector("main [data-search]");
    if (search) search.focus();
    else open(document.querySelector("#palette"));
  },
  j: () => move(1),
  k: () => move(-1),
  x: tick,
  g: () => {
    after = "g";
    setTimeout(() => { after = ""; }, 1500);
  },
};

document.addEventListener("keydown", (event) => {
  const palette = document.querySelector("#palette");
  if (!palette) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open(palette);
  } else if (event.target.matches("[role=combobox]")) {
    find(event, event.target);
  } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) && !document.querySelector("dialog[open]")) {
    const act = after ? () => go(event.key) : KEYS[event.key];
    if (after || event.key in KEYS) event.preventDefault();
    after = "";
    act?.();
  }
});

canCopy();

// Where a time zone is asked for and only guessed so far, the browser knows better.
for (const field of document.querySelectorAll("[data-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) field.value = zone;
}
