/*
 * Copyright: (c) 2026, steadystate.ecs contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Tables can be read on a narrow screen, and those of class "filterable" can be filtered by words
// and by their first column. Without this script a table shows all of its rows.
"use strict";
for (const table of document.querySelectorAll("article table.docutils:not(.ansible-option-table)")) {
  const names = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent.trim());
  for (const row of table.tBodies[0]?.rows ?? []) {
    [...row.cells].forEach((cell, at) => { if (names[at]) cell.dataset.label = names[at]; });
  }
}

for (const table of document.querySelectorAll("table.filterable")) {
  const rows = [...table.tBodies[0].rows].map((row) => ({
    row,
    first: row.cells[0].textContent.trim(),
    text: row.textContent.toLowerCase(),
  }));
  const [name, ...others] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());

  const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    made.append(...children);
    return made;
  };
  const words = element("input", { type: "search", placeholder: `Filter: ${others[0]}, ${others[1]} …`, "aria-label": "Filter the table", autocomplete: "off", spellcheck: "false" });
  const select = element("select", { "aria-label": `Show one ${name}` },
    element("option", { value: "" }, `every ${name}`),
    ...[...new Set(rows.map(({ first }) => first))].map((first) => element("option", { value: first }, first)));
  const status = element("span", { role: "status" });
  const controls = element("div", { class: "filter" }, select, words, status);
  (table.closest(".table-wrapper") ?? table).before(controls);

  const show = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const { row, first, text } of rows) {
      row.hidden = (select.value && first !== select.value) || !wanted.every((word) => text.includes(word));
      number += !row.hidden;
    }
    status.textContent = number === rows.length ? `${rows.length} rows` : `${number} of ${rows.length} rows`;
  };
  // A link to a row shows it, whatever the filter is.
  const follow = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const row = target && table.contains(target) && target.closest("tr");
    if (!row) return;
    words.value = "";
    select.value = rows.find((each) => each.row === row).first;
    show();
    controls.scrollIntoView();
  };
  words.addEventListener("input", show);
  select.addEventListener("change", show);
  addEventListener("hashchange", follow);
  show();
  follow();
}
