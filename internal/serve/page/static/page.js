// Makes the page of cupclint serve quicker: no reload, files dropped anywhere, text pasted anywhere, a button that copies. Without it the page
// works all the same.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const main = () => document.getElementById("main");
  const status = document.getElementById("status");
  const say = text => { status.textContent = text; };

  // What the browser's Back button returns to.
  const pages = [];
  const replace = (next, head) => {
    const old = { node: main(), head: document.getElementById("head"), title: document.title };
    old.node.replaceWith(next);
    old.head.replaceWith(head);
    return old;
  };

  // A form is sent without a reload.
  document.addEventListener("submit", async event => {
    const form = event.target;
    if (!form.matches("form[data-case]") || event.defaultPrevented) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    const to = event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : form.action;
    const buttons = [...form.querySelectorAll("button")];
    buttons.forEach(b => { b.disabled = true; });
    form.setAttribute("aria-busy", "true");
    say(status.dataset.busy);
    try {
      const answer = await fetch(to, { method: "POST", body, credentials: "same-origin" });
      if (!(answer.headers.get("Content-Type") || "").startsWith("text/html")) {
        say((await answer.text()).trim().slice(0, 300) || status.dataset.failed);
        return;
      }
      const text = await answer.text();
      const page = new DOMParser().parseFromString(text, "text/html");
      const next = document.adoptNode(page.getElementById("main"));
      pages.push(replace(next, document.adoptNode(page.getElementById("head"))));
      document.title = page.title;
      history.pushState({ page: pages.length }, "", new URL(to).pathname + new URL(to).search);
      say("");
      window.scrollTo(0, 0);
      (next.querySelector("#answer") || next).focus({ preventScroll: true });
    } catch {
      say(status.dataset.failed);
    } finally {
      buttons.forEach(b => { b.disabled = false; });
      form.removeAttribute("aria-busy");
    }
  });
  window.addEventListener("popstate", () => {
    const back = pages.pop();
    if (!back) {
      location.reload();
      return;
    }
    replace(back.node, back.head);
    document.title = back.title;
    back.node.focus({ preventScroll: true });
  });

  // Files may be dropped anywhere.
  const files = event => [...(event.dataTransfer || { types: [] }).types].includes("Files");
  const add = list => {
    const field = document.getElementById("file");
    if (!field || list.length === 0) return;
    const all = new DataTransfer();
    [...field.files, ...list].forEach(f => all.items.add(f));
    field.files = all.files;
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  };
  document.addEventListener("dragover", event => {
    if (!files(event)) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", event => {
    if (event.relatedTarget === null) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", event => {
    document.body.classList.remove("dropping");
    if (!files(event)) return;
    event.preventDefault();
    add(event.dataTransfer.files);
  });

  // Text may be pasted anywhere; a picture cannot be read.
  document.addEventListener("paste", event => {
    const field = document.getElementById("text");
    const data = event.clipboardData;
    if (!field || !data || event.target.closest("textarea, input[type=text]")) {
      if (field && data && event.target === field && !data.types.includes("text/plain") && data.files.length > 0) picked(data.files);
      return;
    }
    if (data.files.length > 0) {
      event.preventDefault();
      picked(data.files);
      return;
    }
    const text = data.getData("text/plain");
    if (!text) return;
    event.preventDefault();
    field.value += (field.value && !field.value.endsWith("\n") ? "\n" : "") + text;
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
  const picked = list => {
    const readable = [...list].filter(f => !f.type.startsWith("image/"));
    const note = document.querySelector(".picked");
    if (readable.length < list.length && note) note.textContent = note.dataset.none;
    add(readable);
  };

  // Copies the text for the ticket.
  document.addEventListener("click", async event => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.focus();
    field.select();
    let done = true;
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      done = document.execCommand("copy"); // without TLS there is no clipboard
    }
    button.focus();
    if (done) say(button.dataset.done);
  });

  // Escape closes an explanation; the pointer or the focus opens it again.
  document.addEventListener("keydown", event => {
    if (event.key === "Escape") document.querySelectorAll(".term:hover, .term:focus-within").forEach(t => t.classList.add("closed"));
  });
  ["mouseover", "focusin"].forEach(kind => document.addEventListener(kind, event => {
    const here = event.target.closest(".term");
    document.querySelectorAll(".term.closed").forEach(t => { if (t !== here || kind === "focusin") t.classList.remove("closed"); });
  }));
})();
