(() => {
  const form = document.querySelector(".filters");
  const rows = [...document.querySelectorAll(".runs tbody tr")];
  const shown = form.querySelector(".shown");
  const fields = [...form.elements].filter((field) => field.name);
  const fits = (row, field) => {
    const value = row.dataset[field.name], wanted = field.value;
    return field.type === "search" ? value.toLowerCase().includes(wanted.toLowerCase()) : !wanted || value === wanted;
  };
  const show = () => {
    for (const row of rows) row.hidden = !fields.every((field) => fits(row, field));
    const count = rows.filter((row) => !row.hidden).length;
    shown.textContent = shown.dataset.shown.replace(/\$[12]/g, (place) => (place === "$1" ? count : rows.length));
    const chosen = new URLSearchParams(fields.filter((field) => field.value).map((field) => [field.name, field.value]));
    history.replaceState(null, "", "#" + chosen);
  };
  const chosen = new URLSearchParams(location.hash.slice(1));
  for (const field of fields) field.value = chosen.get(field.name) ?? "";
  for (const field of fields) if (field.value !== (chosen.get(field.name) ?? "")) field.value = "";
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  if ([...chosen].length) show();
})();
