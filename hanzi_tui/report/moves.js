// How the confusion matrix is moved: wheel, drag, pinch, keys, and the controls above it.
"use strict";
(() => {
  const ZOOM = 1.6, LINE_PX = 16, WHEEL_PX = 400, DRAG_PX = 2;
  const { canvas, classes, labels, words, look, zoom } = matrix;
  const element = (name) => document.getElementById(name);
  const limit = (value, low, high) => Math.min(Math.max(value, low), high);
  const same = (a, b) => a && b && a.row === b.row && a.column === b.column;

  const pointers = new Map();
  let apart = 0, moved = false;
  canvas.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    canvas.setPointerCapture(event.pointerId);
    moved = pointers.size > 1;
    apart = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      const at = matrix.placeAt(event);
      if (at && !same(at, matrix.cursor)) matrix.point(at);
      return;
    }
    const across = event.clientX - before.clientX, down = event.clientY - before.clientY;
    if (!moved && Math.abs(across) + Math.abs(down) <= DRAG_PX) return;
    moved = true;
    pointers.set(event.pointerId, event);
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      const now = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      if (apart) zoom(now / apart);
      apart = now;
      return;
    }
    canvas.classList.add("moving");
    const { view, side } = matrix;
    look(view.left - across * view.span / side, view.top - down * view.span / side, view.span);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      pointers.delete(event.pointerId);
      canvas.classList.remove("moving");
      const at = matrix.placeAt(event);
      if (!moved && at) matrix.point(at);
    });
  }
  canvas.addEventListener("dblclick", (event) => {
    const at = matrix.placeAt(event);
    if (at) zoom(ZOOM * ZOOM, at.x, at.y);
  });
  canvas.addEventListener("wheel", (event) => {
    const at = matrix.placeAt(event);
    const all = matrix.view.span >= classes;
    if (!at || (event.deltaY > 0 && all)) return; // the page scrolls on
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? LINE_PX : 1) / WHEEL_PX), at.x, at.y);
  }, { passive: false });

  // Where keys zoom: at the cursor, else in the middle.
  function focus() {
    const { cursor, view, side } = matrix;
    const px = (at, from) => limit((at + .5 - from) * side / view.span, 0, side);
    return cursor ? [px(cursor.column, view.left), px(cursor.row, view.top)] : [side / 2, side / 2];
  }

  function step(down, across) {
    const { cursor, view } = matrix;
    const from = cursor ?? { row: Math.floor(view.top), column: Math.floor(view.left) };
    const row = limit(from.row + down, 0, classes - 1), column = limit(from.column + across, 0, classes - 1);
    const near = (at, start) => limit(start, at + 1 - view.span, at);
    matrix.point({ row, column });
    look(near(column, view.left), near(row, view.top), view.span);
  }

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = matrix.block * (event.shiftKey ? 10 : 1);
    const keys = {
      ArrowLeft: () => step(0, -by), ArrowRight: () => step(0, by),
      ArrowUp: () => step(-by, 0), ArrowDown: () => step(by, 0),
      "+": () => zoom(ZOOM, ...focus()), "=": () => zoom(ZOOM, ...focus()),
      Enter: () => zoom(ZOOM, ...focus()), "-": () => zoom(1 / ZOOM, ...focus()),
      0: () => look(0, 0, classes), Escape: () => look(0, 0, classes),
    };
    if (!(event.key in keys)) return;
    keys[event.key]();
    event.preventDefault();
  });

  element("matrix-in").addEventListener("click", () => zoom(ZOOM, ...focus()));
  element("matrix-out").addEventListener("click", () => zoom(1 / ZOOM, ...focus()));
  element("matrix-all").addEventListener("click", () => look(0, 0, classes));
  element("matrix-order").addEventListener("change", () => { matrix.arrange(); matrix.point(null); });
  element("matrix-scale").addEventListener("change", matrix.soon);
  element("matrix-search").addEventListener("change", (event) => {
    const wanted = event.target.value.trim();
    if (!wanted) return;
    const exact = labels.indexOf(wanted);
    const found = exact >= 0 ? exact : labels.findIndex((label) => label.startsWith(wanted));
    if (found >= 0) matrix.go(found, found);
    else element("readout").textContent = words.none;
  });
  for (const link of document.querySelectorAll("[data-truth]")) {
    link.addEventListener("click", () => matrix.go(Number(link.dataset.truth), Number(link.dataset.guess)));
  }
  for (const media of ["print", "(prefers-color-scheme: dark)"]) {
    matchMedia(media).addEventListener("change", matrix.draw);
  }
  element("matrix-controls").hidden = false;
})();
