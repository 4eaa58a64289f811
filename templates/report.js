"use strict";
// Comfort for readers: the page says all that it says without it.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  // A template of somebody's own need not have what this works on.
  if (!["tools", "search", "found", "unfold", "fold", "help", "keys", "items", "document"].every(one)) return;
  const items = all(".item[id]");
  const rows = all("#items tbody tr");
  const search = one("search");
  const shown = new Set();
  one("tools").hidden = false;

  // What a row or an item is found by.
  const texts = new Map();
  const text = (item) => {
    if (!texts.has(item)) {
      // With what stands below it: its commands and notes.
      const parts = [item.textContent];
      for (let at = item.nextElementSibling; at && !at.matches(".item,h2,h3,h4,h5,h6"); at = at.nextElementSibling) parts.push(at.textContent);
      texts.set(item, parts.join(" ").toLowerCase());
    }
    return texts.get(item);
  };
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    items.forEach((item) => {
      const fits = (!shown.size || shown.has(item.dataset.o || item.classList[1])) && words.every((word) => text(item).includes(word));
      item.hidden = !fits;
      const row = rows[Number(item.id.slice(1)) - 1];
      if (row) row.hidden = !fits;
      found += fits ? 1 : 0;
    });
    // Prose and commands go with the item that they stand below.
    const filters = shown.size > 0 || words.length > 0;
    let keep = true;
    [...one("document").children].forEach((part) => {
      if (part.matches(".item")) keep = !part.hidden;
      else if (part.matches("h2,h3,h4,h5,h6")) keep = !filters;
      else part.hidden = filters && !keep;
    });
    const counted = { $1: found, $2: items.length };
    one("found").value = filters ? (one("found").dataset.found ?? "$1 / $2").replace(/\$[12]/g, (place) => counted[place]) : "";
  };
  search.addEventListener("input", filter);
  all("[data-show]").forEach((button) =>
    button.addEventListener("click", () => {
      const outcome = button.dataset.show;
      if (!shown.delete(outcome)) shown.add(outcome);
      button.setAttribute("aria-pressed", String(shown.has(outcome)));
      filter();
    }),
  );

  const fold = (open) => all("#document details").forEach((details) => (details.open = open));
  one("unfold").addEventListener("click", () => fold(true));
  one("fold").addEventListener("click", () => fold(false));

  const reveal = () => {
    let target = null;
    try {
      target = one(decodeURIComponent(location.hash.slice(1)));
    } catch {}
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      at.hidden = at.hidden && at.tagName === "DIALOG";
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  const { copy = "Copy", copied = "✔", selected = "…" } = one("document").dataset;
  all("pre.code").forEach((pre) => {
    const button = document.createElement("button");
    const command = pre.textContent;
    button.type = "button";
    button.className = "copy";
    button.textContent = copy;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(command);
        button.textContent = copied;
      } catch {
        // Some pages may not use the clipboard: what is selected can be copied by hand.
        getSelection().setBaseAndExtent(pre, 0, pre, pre.childNodes.length - 1);
        button.textContent = selected;
      }
      setTimeout(() => (button.textContent = copy), 1500);
    });
    pre.append(button);
  });

  const wide = matchMedia("(min-width:76rem)");
  const contents = document.querySelector("nav details");
  const unfold = () => (contents.open = wide.matches);
  if (contents) {
    wide.addEventListener("change", unfold);
    unfold();
  }

  const help = one("keys");
  one("help").addEventListener("click", () => help.showModal());
  const step = (by) => {
    const seen = items.filter((item) => !item.hidden);
    const handle = (item) => item.querySelector("summary") || item;
    const at = seen.findIndex((item) => item.contains(document.activeElement));
    const below = seen.findIndex((item) => item.getBoundingClientRect().top > 0);
    const next = at >= 0 ? at + by : Math.max(below, 0);
    const item = seen[Math.min(Math.max(next, 0), seen.length - 1)];
    if (!item) return;
    handle(item).focus();
    item.scrollIntoView({ block: "start" });
  };
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, dialog[open]");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === search && (event.key === "Escape" || event.key === "Enter")) {
      if (event.key === "Escape") search.value = "";
      filter();
      search.blur();
    }
    if (typing) return;
    if (event.key === "/") search.focus();
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "?") help.showModal();
    else return;
    event.preventDefault();
  });
})();
