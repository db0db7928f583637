"use strict";
(() => {
  const form = document.getElementById("filter");
  const page = document.documentElement;
  const findings = [...document.querySelectorAll("#list > li > details")];
  const texts = new Map();
  const count = document.getElementById("count");
  const nothing = document.getElementById("nothing");
  const more = document.getElementById("more");
  const step = 300; // a page of thousands is laid out in steps, or every keystroke waits for it
  let limit = step;
  const tags = { zh: "zh-CN", en: "en" };

  const folded = (text) => text.normalize("NFKC").toLowerCase();
  const textOf = (finding) => {
    if (!texts.has(finding)) texts.set(finding, folded(finding.textContent));
    return texts.get(finding);
  };

  const asked = () => {
    const chosen = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const usual = name === "lang" ? page.dataset.lang : "";
      if (value.trim() !== usual) chosen.append(name, value.trim());
    }
    return chosen;
  };

  const speak = () => {
    const lang = new FormData(form).get("lang");
    if (page.lang === tags[lang]) return;
    page.lang = tags[lang];
    for (const one of document.querySelectorAll("[data-zh]")) one.textContent = one.dataset[lang];
  };

  const sift = () => {
    const chosen = asked();
    const words = folded(chosen.get("q") || "").split(/\s+/).filter(Boolean);
    const names = ["outcome", "grade", "clause", "aspect", "pdca", "root"];
    const wanted = names.filter((name) => chosen.has(name)).map((name) => [name, chosen.getAll(name)]);
    let shown = 0;
    for (const finding of findings) {
      const fits =
        wanted.every(([name, values]) =>
          (finding.dataset[name] || "").split(" ").some((has) => values.includes(has))) &&
        words.every((word) => textOf(finding).includes(word));
      finding.parentElement.hidden = !fits || shown >= limit;
      shown += fits;
    }
    count.textContent = shown;
    nothing.hidden = shown > 0;
    more.hidden = shown <= limit;
  };

  const keep = () => {
    const told = asked().toString();
    try {
      history.replaceState(null, "", told ? `#?${told}` : location.pathname + location.search);
    } catch {
      // A page shown inside another may not change its address; the filter works all the same.
    }
  };

  const fill = (chosen) => {
    for (const one of form.elements) {
      if (one.type === "checkbox") one.checked = chosen.getAll(one.name).includes(one.value);
      else if (one.type === "radio") one.checked ||= one.value === chosen.get(one.name);
      else if (one.name) one.value = chosen.get(one.name) || "";
    }
    speak();
    sift();
  };

  const clear = () => fill(new URLSearchParams());

  const follow = () => {
    if (location.hash.startsWith("#?")) {
      fill(new URLSearchParams(location.hash.slice(2)));
      keep();
      document.getElementById("findings").scrollIntoView();
      return;
    }
    const finding = findings.find((one) => `#${one.id}` === location.hash);
    if (!finding) return;
    if (finding.parentElement.hidden) clear();
    finding.parentElement.hidden = false;
    finding.open = true;
    finding.scrollIntoView();
    finding.firstElementChild.focus({ preventScroll: true });
  };

  let waiting;
  const changed = () => { limit = step; speak(); sift(); keep(); };
  const list = (most) => () => { limit = most; sift(); };
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("input", (event) => {
    if (event.target.form !== form) return;
    clearTimeout(waiting);
    waiting = setTimeout(changed, event.target.type === "search" ? 150 : 0);
  });
  const spread = (open) => () => {
    for (const one of findings) if (!one.parentElement.hidden) one.open = open;
  };
  document.getElementById("open").addEventListener("click", spread(true));
  document.getElementById("close").addEventListener("click", spread(false));
  document.getElementById("reset").addEventListener("click", () => { clear(); keep(); });
  more.addEventListener("click", () => list(limit + step)());
  addEventListener("beforeprint", list(Infinity));
  addEventListener("afterprint", list(step));
  addEventListener("hashchange", follow);
  form.hidden = false;
  fill(new URLSearchParams());
  addEventListener("load", () => setTimeout(follow)); // the browser goes to the fragment first
})();
