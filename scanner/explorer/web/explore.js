// Keeps the address and the links to files at what the page shows, and says when nobody answers any more.
"use strict";

function follow(query) {
  history.replaceState(null, "", "?" + query);
  for (const link of document.querySelectorAll("a[data-file]")) {
    link.href = "download/" + link.dataset.file + "?" + query;
  }
  document.getElementById("view-link").href = "?" + query;
}

function begin() {
  const page = window.Bokeh?.documents[0];
  const model = page?.get_model_by_name("link");
  if (!model) {
    setTimeout(begin, 50);
    return;
  }
  follow(model.text);
  model.properties.text.change.connect(() => follow(model.text));
  document.documentElement.dataset.ready = "yes";
}

async function listen() {
  let there = false;
  try {
    there = (await fetch("explorer/alive", { cache: "no-store" })).ok;
  } catch {}
  document.getElementById("silent").hidden = there;
}

begin();
setInterval(() => document.hidden || listen(), 3000);
