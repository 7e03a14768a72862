"use strict";
const form = document.getElementById("filter");
if (form) {
  const rows = [...document.querySelectorAll("#rows tbody tr")];
  const texts = rows.map((row) => {
    const reasons = [...row.querySelectorAll("[title]")].map((part) => part.title);
    return [row.textContent, ...reasons].join(" ").toLowerCase();
  });
  const names = ["status", "severity", "layer", "environment"];
  const count = document.getElementById("count");

  const apply = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, number) => {
      const fits =
        names.every((name) => ["", row.dataset[name]].includes(form.elements[name].value)) &&
        words.every((word) => texts[number].includes(word));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    const all = rows.length === 1 ? "1 finding" : `${rows.length} findings`;
    count.textContent = shown === rows.length ? all : `${shown} of ${all}`;
    document.getElementById("rows").hidden = shown === 0;
    document.getElementById("nothing").hidden = shown > 0;
  };

  // A search field tells of each letter, a list of its choice.
  form.addEventListener("input", apply);
  form.addEventListener("change", apply);
  document.getElementById("all").addEventListener("click", () => {
    form.reset();
    apply();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const link of document.querySelectorAll("#matrix a")) {
    link.addEventListener("click", () => {
      form.reset();
      for (const name of ["status", "severity", "layer"]) {
        form.elements[name].value = link.dataset[name];
      }
      apply();
    });
  }
  form.hidden = false;
}
