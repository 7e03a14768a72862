"use strict";
// Shows the items that a person asks for. An item carries what it can be asked by in its data, a
// link of `.links` what it asks for; what stands around items goes while all of them are hidden.
const form = document.getElementById("filter");
if (form) {
  const items = [...document.querySelectorAll(".item")];
  const texts = items.map((item) => {
    const reasons = [...item.querySelectorAll("[title]")].map((part) => part.title);
    return [item.textContent, ...reasons].join(" ").toLowerCase();
  });
  const around = [...document.querySelectorAll(".group")];
  const choices = [...form.querySelectorAll("select")];
  const count = document.getElementById("count");

  const apply = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    items.forEach((item, number) => {
      const fits =
        choices.every((choice) => ["", item.dataset[choice.name]].includes(choice.value)) &&
        words.every((word) => texts[number].includes(word));
      item.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    for (const one of around) {
      one.hidden = !one.querySelector(".item:not([hidden])");
    }
    const all = `${items.length} ${count.dataset.noun}${items.length === 1 ? "" : "s"}`;
    count.textContent = shown === items.length ? all : `${shown} of ${all}`;
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
  for (const link of document.querySelectorAll(".links a")) {
    link.addEventListener("click", () => {
      form.reset();
      for (const [name, value] of Object.entries(link.dataset)) {
        form.elements[name].value = value;
      }
      apply();
    });
  }
  form.hidden = false;
}
