// Choose a heading to sort its table by it; again to turn the order round. Numbers begin with the largest.
const {compare} = new Intl.Collator(undefined, {numeric: true});
const points = text => ({"": -2, "?": -1})[text] ?? parseFloat(text);
for (const heading of document.querySelectorAll(".sortable thead tr:last-child th")) {
  const button = document.createElement("button");
  button.append(...heading.childNodes);
  heading.append(button);
  const isNumber = heading.className === "n";
  button.addEventListener("click", () => {
    const down = heading.ariaSort ? heading.ariaSort === "ascending" : isNumber;
    for (const other of heading.parentNode.cells) other.ariaSort = null;
    heading.ariaSort = down ? "descending" : "ascending";
    const body = heading.closest("table").tBodies[0];
    const texts = Array.from(body.rows, row => [row, row.cells[heading.cellIndex].textContent.trim()]);
    const order = isNumber ? ([, a], [, b]) => points(a) - points(b) : ([, a], [, b]) => compare(a, b);
    body.append(...texts.sort((a, b) => (down ? -1 : 1) * order(a, b)).map(([row]) => row));
  });
}
// Escape puts the explanation of a term away until a term is looked at again.
document.addEventListener("keydown", ({key}) => document.body.classList.toggle("away", key === "Escape"));
for (const term of document.querySelectorAll(".term")) {
  term.addEventListener("mouseenter", () => document.body.classList.remove("away"));
}