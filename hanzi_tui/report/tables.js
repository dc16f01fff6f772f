// Tables and cards: sorted, searched and shown in parts. First the table of all classes.
"use strict";
(() => {
  const PART = 60;
  const table = document.getElementById("classes");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const shown = document.getElementById("classes-shown");
  const more = document.getElementById("classes-more");
  const search = document.getElementById("classes-search");
  const wording = table.dataset.shown;
  let most = PART;

  const value = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.v ?? cell.textContent;
    return cell.classList.contains("n") ? (text === "" ? NaN : Number(text)) : text;
  };

  function show() {
    const wanted = search.value.trim();
    let found = 0;
    for (const row of body.rows) {
      const fits = wanted === "" || row.dataset.find.includes(wanted);
      row.hidden = !fits || ++found > most;
    }
    shown.textContent = wording
      .replace("{shown}", Math.min(found, most).toLocaleString(document.documentElement.lang))
      .replace("{all}", rows.length.toLocaleString(document.documentElement.lang));
    more.hidden = found <= most;
  }

  function sort(column, down) {
    const keys = new Map(rows.map((row, index) => [row, [value(row, column), index]]));
    rows.sort((a, b) => {
      const [x, i] = keys.get(a);
      const [y, j] = keys.get(b);
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || i - j;
      return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1) || i - j;
    });
    body.append(...rows);
    show();
  }

  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(column, down);
    });
  });
  search.addEventListener("input", show);
  more.addEventListener("click", () => { most = rows.length; show(); });
  document.getElementById("classes-controls").hidden = false;
  show();
})();

// The cards of confused pairs: the most by count or by rate.
(() => {
  const PART = 18;
  const order = document.getElementById("pairs-order");
  if (!order) return;
  const place = document.getElementById("pair-cards");
  const cards = [...place.children];
  const arrange = () => {
    const by = (card) => Number(card.dataset[order.value]);
    cards.sort((a, b) => by(b) - by(a)).forEach((card, at) => { card.hidden = at >= PART; });
    place.append(...cards);
  };
  order.addEventListener("change", arrange);
  document.getElementById("pairs-controls").hidden = false;
  arrange();
})();
