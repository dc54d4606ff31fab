// Fetches this page again now and then and puts the new <main> in place of the old one.
"use strict";

const EVERY = 2000; // ms

async function refresh() {
  let text;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    text = await answer.text();
  } catch {
    document.getElementById("silent").hidden = false;
    return;
  }
  document.getElementById("silent").hidden = true;
  const old = document.querySelector("main");
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
  if (!fresh || fresh.innerHTML === plain(old).innerHTML || !getSelection().isCollapsed) return;
  for (const open of old.querySelectorAll("details[open]")) {
    const same = fresh.querySelector("#" + open.id);
    if (same) same.open = true;
  }
  const focus = document.activeElement?.getAttribute("href");
  old.replaceWith(document.adoptNode(fresh));
  if (focus) [...document.links].find((a) => a.getAttribute("href") === focus)?.focus();
}

function plain(main) {
  const copy = main.cloneNode(true);
  for (const open of copy.querySelectorAll("details[open]")) open.open = false;
  return copy;
}

setInterval(() => document.hidden || refresh(), EVERY);
