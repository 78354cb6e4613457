/**
 * What runs in an exported page, as text: it steps through the backward pass, searches, and opens groups. It reads the pass
 * from the data block of the page, writes text only, and knows nothing of the panel.
 */
export const PAGE_SCRIPT = `
"use strict";
const pass = JSON.parse(document.getElementById("pass").textContent);
const byId = (id) => document.getElementById(id);
const status = byId("status");
let at = 0;

function say(word, ...values) {
  return pass.words[word].replace(/\\{(\\d)\\}/g, (_, place) => values[place]);
}

function show(node) {
  document.querySelector("section.shown")?.classList.remove("shown");
  byId("about-node-" + node)?.classList.add("shown");
  for (const entry of document.querySelectorAll("[aria-current]")) entry.removeAttribute("aria-current");
  const entry = byId("entry-" + node);
  if (!entry) return;
  for (let around = entry.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  entry.setAttribute("aria-current", "true");
  entry.scrollIntoView({ block: "nearest" });
}

function light(card, className) {
  for (const lit of document.querySelectorAll("." + className)) lit.classList.remove(className);
  const found = card && byId(card);
  if (!found) return;
  found.classList.add(className);
  found.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function go(step) {
  at = Math.max(0, Math.min(pass.steps.length, step));
  const now = pass.steps[at];
  light(now?.card, "now");
  if (now) show(now.node);
  status.textContent = now
    ? say("step", at + 1, pass.steps.length, now.name) + (now.norm === "" ? "" : say("norm", now.norm))
    : say("end");
  byId("back").disabled = byId("first").disabled = at === 0;
  byId("on").disabled = byId("last").disabled = at === pass.steps.length;
}

function choose(node, card) {
  show(node);
  light(card, "chosen");
}

function search(text) {
  const wanted = text.trim().toLowerCase();
  let hits = 0;
  for (const entry of document.querySelectorAll("li[data-name]")) {
    const fits = entry.dataset.name.toLowerCase().includes(wanted);
    entry.hidden = !fits;
    if (fits) hits++;
  }
  for (const group of [...document.querySelectorAll("nav details")].reverse()) {
    group.hidden = wanted !== "" && !group.querySelector("li[data-name]:not([hidden])");
    if (wanted !== "" && !group.hidden) group.open = true;
  }
  byId("hits").textContent = wanted === "" ? "" : say(hits === 1 ? "hit" : "hits", hits);
}

byId("first").addEventListener("click", () => go(0));
byId("back").addEventListener("click", () => go(at - 1));
byId("on").addEventListener("click", () => go(at + 1));
byId("last").addEventListener("click", () => go(pass.steps.length));
byId("search").addEventListener("input", (event) => search(event.target.value));
for (const entry of document.querySelectorAll("li[data-node] button")) {
  const { node, card } = entry.closest("li").dataset;
  entry.addEventListener("click", () => choose(node, card));
}
for (const card of document.querySelectorAll('[id^="node-"]')) {
  card.setAttribute("tabindex", "0");
  card.addEventListener("click", () => choose(card.id.slice(5), card.id));
  card.addEventListener("keydown", (event) => event.key === "Enter" && choose(card.id.slice(5), card.id));
}
for (const group of document.querySelectorAll('[id^="group-"]')) {
  group.addEventListener("click", () => {
    const listed = byId("list-" + group.id);
    if (!listed) return;
    for (let around = listed; around; around = around.parentElement.closest("details")) around.open = true;
    listed.scrollIntoView({ block: "nearest" });
  });
}
addEventListener("keydown", (event) => {
  if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
  const moves = { ".": at + 1, ",": at - 1, Home: 0, End: pass.steps.length };
  if (event.key === "/") byId("search").focus();
  else if (event.key in moves) go(moves[event.key]);
  else return;
  event.preventDefault();
});
go(pass.start);
`;
