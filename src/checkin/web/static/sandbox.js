// Keeps the sandbox page fresh and sends its forms in place. Without this file the page works by forms alone.
"use strict";
(() => {
  const EVERY = 1000; // milliseconds between looks at the server
  const page = document.querySelector("main").dataset.page;
  const notice = document.getElementById("notice");
  const away = document.getElementById("away");
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");
  const isTyping = () => [...document.querySelectorAll("input[name=body]")].some((box) => box.value);

  // Put new items in their place and take gone ones away; what stays is not touched, so nothing is read out twice.
  function mergeList(old, fresh) {
    let changed = false;
    const wanted = new Set([...fresh.children].map((item) => item.id));
    for (const item of [...old.children]) if (!wanted.has(item.id)) item.remove();
    let place = old.firstElementChild;
    for (const item of [...fresh.children]) {
      if (place && place.id === item.id) {
        place = place.nextElementSibling;
      } else {
        old.insertBefore(item, place);
        changed = true;
      }
    }
    if (changed) old.parentElement.scrollTop = 0; // the screen is laid out from its end: 0 is the newest text
  }

  function merge(fresh) {
    const parts = [...fresh.querySelectorAll("[data-live]")];
    if (parts.length !== document.querySelectorAll("[data-live]").length) {
      if (!isTyping()) location.replace(page); // phones came or went
      return;
    }
    for (const part of parts) {
      const old = document.getElementById(part.id);
      if (!old) continue;
      if (part.dataset.live === "list") mergeList(old, part);
      else if (old.innerHTML !== part.innerHTML) old.replaceChildren(...part.childNodes);
    }
  }

  function say(words) {
    const line = document.createElement("p");
    line.textContent = words;
    notice.replaceChildren(...(words ? [line] : []));
  }

  async function send(form, button) {
    const fields = new URLSearchParams(new FormData(form));
    if (button && button.name) fields.set(button.name, button.value);
    const box = form.elements.body;
    try {
      const response = await fetch(form.action, { method: "POST", body: fields });
      if (!(response.headers.get("content-type") || "").startsWith("text/html")) {
        say(`That did not work: the server answered ${response.status}.`);
        return;
      }
      const fresh = parse(await response.text());
      merge(fresh);
      say(fresh.getElementById("notice").textContent.trim());
      if (response.ok && box && box.value === fields.get("body")) box.value = "";
    } catch {
      say("That did not work: the server does not answer.");
    }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    await send(form, event.submitter);
    form.ariaBusy = "false";
  });

  async function look() {
    if (!document.hidden) {
      try {
        const response = await fetch(page, { cache: "no-store" });
        if (response.ok) merge(parse(await response.text()));
        away.hidden = response.ok;
      } catch {
        away.hidden = false;
      }
    }
    setTimeout(look, EVERY);
  }
  setTimeout(look, EVERY);
})();
