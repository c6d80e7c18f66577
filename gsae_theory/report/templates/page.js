// Sortable tables, a filter of the verdicts, and links into folded parts. Nothing here is needed to read the page.
(() => {
  "use strict";
  const key = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return "";
    const data = cell.querySelector("data");
    if (data) return Number(data.value);
    const text = cell.textContent.trim();
    return text !== "" && text !== "–" && !Number.isNaN(Number(text)) ? Number(text) : text.toLowerCase();
  };
  const order = (a, b) => {
    const numbers = [typeof a === "number", typeof b === "number"];
    if (numbers[0] && numbers[1]) return a - b;
    if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1; // numbers before words, missing ones last
    return a < b ? -1 : a > b ? 1 : 0;
  };
  // What is moved: the rows of a body, or whole bodies that belong together (one verdict with its details).
  const parts = (table) => {
    const bodies = [...table.tBodies];
    if (bodies.length < 2) return [{ at: bodies[0], items: [...(bodies[0] ? bodies[0].rows : [])], row: (item) => item }];
    const groups = [];
    for (const body of bodies) {
      if (body.classList.contains("case")) groups.push({ after: body, items: [], row: (item) => item.rows[0] });
      else if (groups.length) groups[groups.length - 1].items.push(body);
    }
    return groups;
  };
  const sort = (table, column, down) => {
    for (const group of parts(table)) {
      const sorted = group.items
        .map((item, place) => ({ item, place, value: key(group.row(item), column) }))
        .sort((a, b) => (down ? order(b.value, a.value) : order(a.value, b.value)) || a.place - b.place);
      let before = group.after;
      for (const { item } of sorted) {
        if (group.at) group.at.append(item);
        else { before.after(item); before = item; }
      }
    }
  };
  for (const table of document.querySelectorAll("table")) {
    const heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
    if (table.querySelectorAll("tbody tr").length < 3 || table.parentElement.closest("table")) continue;
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, column, down);
      });
    });
  }
  const filter = document.getElementById("filter");
  const verdicts = [...document.querySelectorAll("#verdict-table tbody.verdict")];
  if (filter && verdicts.length) {
    filter.hidden = false;
    const text = filter.querySelector("input[type=search]");
    const family = filter.querySelector("select");
    const boxes = [...filter.querySelectorAll("input[type=checkbox]")];
    const count = filter.querySelector("output");
    const apply = () => {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      let shown = 0;
      for (const body of verdicts) {
        const content = body.textContent.toLowerCase();
        const fits = wanted.has(body.dataset.status) && (!family.value || body.dataset.family === family.value)
          && words.every((word) => content.includes(word));
        body.hidden = !fits;
        shown += fits ? 1 : 0;
      }
      for (const head of document.querySelectorAll("#verdict-table tbody.case")) {
        let next = head.nextElementSibling, any = false;
        while (next && !next.classList.contains("case")) { any = any || !next.hidden; next = next.nextElementSibling; }
        head.hidden = !any;
      }
      count.textContent = `${shown} of ${verdicts.length} shown`;
    };
    filter.addEventListener("input", apply);
    filter.addEventListener("submit", (event) => event.preventDefault()); // Enter in the field loads nothing
    filter.addEventListener("reset", () => setTimeout(apply));
    apply();
  }
  const open = () => {
    const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") node.open = true;
      if (node.hidden) { filter.reset(); }
    }
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  // On paper nothing is filtered, and the tables that are folded on the screen are there; details of single rows are not.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    for (const box of document.querySelectorAll("tbody[hidden]")) box.hidden = false;
    unfolded = [...document.querySelectorAll("section > details:not([open])")];
    for (const box of unfolded) box.open = true;
  });
  addEventListener("afterprint", () => { for (const box of unfolded) box.open = false; });
})();
