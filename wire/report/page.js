"use strict";
// The page can be read without this: it only adds a search, and shows the bytes of a field under the pointer.
const search = document.createElement("input");
search.type = "search";
search.className = "search";
search.placeholder = "Search in the messages";
search.setAttribute("aria-label", "Search in the messages");
document.querySelector("header").append(search);
search.addEventListener("input", () => {
  const wanted = search.value.toLowerCase();
  for (const part of document.querySelectorAll("article, .ladder li"))
    part.hidden = !part.textContent.toLowerCase().includes(wanted);
});

function fieldAt(target) {
  const part = target.closest("[class*=' n']");
  return part ? [...part.classList].find((name) => /^n\d+$/.test(name)) : undefined;
}
for (const article of document.querySelectorAll("article")) {
  const show = (event) => {
    const row = event.target.closest(".fields tr");
    const field = fieldAt(row && row.firstElementChild ? row.firstElementChild : event.target);
    for (const part of article.querySelectorAll(".seen")) part.classList.remove("seen");
    if (field && event.type === "pointerover")
      for (const part of article.querySelectorAll("." + field)) part.classList.add("seen");
  };
  article.addEventListener("pointerover", show);
  article.addEventListener("pointerleave", show);
}
