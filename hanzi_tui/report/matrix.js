// The confusion matrix, drawn on a canvas: the whole in blocks, or a part of it class by class.
"use strict";
const matrix = (() => {
  const LEAST_PX = 3, LABEL_PX = 17, NUMBER_PX = 26, GLYPH_PX = 20, FEWEST = 4, NEAR = 12;
  const canvas = document.getElementById("matrix");
  const pen = canvas.getContext("2d");
  const data = JSON.parse(document.getElementById("matrix-data").textContent);
  const unpack = (text) => new Uint32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const { labels, words, sheet, ramp } = data;
  const classes = labels.length;
  const [truth, guess, count, images, tiles] =
    ["truth", "guess", "count", "images", "tiles"].map((name) => unpack(data[name]));
  const orders = Object.fromEntries(Object.entries(data.orders).map(([k, v]) => [k, unpack(v)]));
  const element = (name) => document.getElementById(name);
  const orderBy = element("matrix-order"), scaleBy = element("matrix-scale");
  const readout = element("readout");

  let order, place;                                  // class at a place, place of a class
  let view = { left: 0, top: 0, span: classes };     // in classes
  let cursor = null;                                 // { row, column }, places
  let side = 0, drawn = null;                        // px of the matrix; sums of what is shown
  let glyphs = null, due = 0;

  const limit = (value, low, high) => Math.min(Math.max(value, low), high);
  const day = () => matchMedia("print").matches || !matchMedia("(prefers-color-scheme: dark)").matches;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const percent = (part, all) => all ? `${(100 * part / all).toFixed(part === all ? 0 : 1)}%` : "–";
  const local = (value) => typeof value === "number" ? value.toLocaleString(document.documentElement.lang) : value;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => local(values[key]));

  const font = `15px ${getComputedStyle(document.body).fontFamily}`;
  const longest = labels.reduce((long, label) => label.length > long.length ? label : long, "");
  pen.font = font;
  const MARGIN_PX = limit(pen.measureText(longest).width + (sheet ? GLYPH_PX : 0) + 16, 76, 160);

  function shade(part) {
    const steps = day() ? ramp : [...ramp].reverse().slice(1); // the darkest drowns at night
    const at = limit(part, 0, 1) * (steps.length - 1), low = Math.min(Math.floor(at), steps.length - 2);
    const [a, b] = [steps[low], steps[low + 1]].map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
    return `rgb(${a.map((from, i) => Math.round(from + (b[i] - from) * (at - low))).join()})`;
  }

  function arrange() {
    order = orders[orderBy.value];
    place = new Uint32Array(classes);
    order.forEach((index, at) => { place[index] = at; });
  }

  function look(left, top, span) {
    span = limit(span, Math.min(FEWEST, classes), classes);
    view = { left: limit(left, 0, classes - span), top: limit(top, 0, classes - span), span };
    soon();
  }

  function zoom(factor, x = side / 2, y = side / 2) {
    const span = limit(view.span / factor, Math.min(FEWEST, classes), classes);
    look(view.left + (view.span - span) * x / side, view.top + (view.span - span) * y / side, span);
  }

  // Draws once a frame, however many events there were.
  function soon() {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(draw);
  }

  // Adds up the cells in view, in blocks that are large enough to be seen.
  function sums() {
    const size = Math.max(1, Math.ceil(LEAST_PX * view.span / side));
    const column = Math.floor(view.left / size), row = Math.floor(view.top / size);
    const wide = Math.floor((view.left + view.span - 1e-9) / size) - column + 1;
    const high = Math.floor((view.top + view.span - 1e-9) / size) - row + 1;
    const wrong = new Float64Array(wide * high), right = new Map(), all = new Float64Array(high);
    for (let i = 0; i < count.length; i++) {
      const y = Math.floor(place[truth[i]] / size) - row, x = Math.floor(place[guess[i]] / size) - column;
      if (y < 0 || y >= high || x < 0 || x >= wide) continue;
      if (truth[i] === guess[i]) right.set(y * wide + x, (right.get(y * wide + x) ?? 0) + count[i]);
      else wrong[y * wide + x] += count[i];
    }
    for (let at = row * size; at < Math.min((row + high) * size, classes); at++) {
      all[Math.floor(at / size) - row] += images[order[at]];
    }
    return { size, row, column, wide, high, wrong, right, all };
  }

  // What decides a cell's colour, from 0 on.
  function worth(wrong, all) {
    if (scaleBy.value === "share") return all ? wrong / all : 0;
    return scaleBy.value === "log" ? Math.log(wrong) : wrong - 1;
  }

  function draw() {
    const dense = devicePixelRatio || 1, width = canvas.clientWidth;
    side = Math.max(width - MARGIN_PX - 1, 1);
    const height = side + MARGIN_PX + 1;
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    canvas.style.height = `${height}px`;
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    drawn = sums();
    pen.save();
    pen.translate(MARGIN_PX, MARGIN_PX);
    pen.fillStyle = colour("--sheet");
    pen.fillRect(0, 0, side, side);
    pen.beginPath();
    pen.rect(0, 0, side, side);
    pen.clip();
    cells();
    pen.restore();
    pen.strokeStyle = colour("--rule");
    pen.strokeRect(MARGIN_PX - .5, MARGIN_PX - .5, side + 1, side + 1);
    names();
    readoutOf(cursor);
  }

  function cells() {
    const { size, row, column, wide, high, wrong, right, all } = drawn;
    const step = size * side / view.span, gap = step >= 8 ? 1 : 0;
    const x0 = (column * size - view.left) * side / view.span, y0 = (row * size - view.top) * side / view.span;
    let most = 0;
    for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) {
      if (wrong[y * wide + x]) most = Math.max(most, worth(wrong[y * wide + x], all[y]));
    }
    pen.font = `${Math.min(step / 2.6, 15)}px system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const cell = (x, y, paint, number, ink) => {
      pen.fillStyle = paint;
      pen.fillRect(x0 + x * step, y0 + y * step, step - gap, step - gap);
      if (step < NUMBER_PX) return;
      pen.fillStyle = ink;
      pen.fillText(number, x0 + (x + .5) * step, y0 + (y + .5) * step);
    };
    for (const [at, hits] of right) {
      const y = Math.floor(at / wide);
      cell(at % wide, y, colour("--hit"), hits, colour("--ink"));
    }
    for (let at = 0; at < wrong.length; at++) {
      if (!wrong[at]) continue;
      const y = Math.floor(at / wide), part = most ? worth(wrong[at], all[y]) / most : 0;
      cell(at % wide, y, shade(part), wrong[at], part > .45 === day() ? "#fff" : "#16161a");
    }
    if (cursor) {
      pen.strokeStyle = colour("--seal");
      pen.lineWidth = 2;
      pen.strokeRect(x0 + (Math.floor(cursor.column / size) - column) * step - 1,
        y0 + (Math.floor(cursor.row / size) - row) * step - 1, Math.max(step, 5) + 1, Math.max(step, 5) + 1);
      pen.lineWidth = 1;
    }
    legend(most);
  }

  function legend(most) {
    const steps = [0, .25, .5, .75, 1].map(shade).join();
    const share = scaleBy.value === "share";
    element("scale-bar").style.backgroundImage = `linear-gradient(to right, ${steps})`;
    element("scale-least").textContent = share ? "0%" : "1";
    element("scale-most").textContent =
      share ? percent(most, 1) : scaleBy.value === "log" ? Math.round(Math.exp(most)) : most + 1;
    element("scale-range").textContent = fill(words.range, { classes: Math.round(view.span), all: classes });
  }

  // Labels at the axes: each class where there is room, else one in the midst of some.
  function names() {
    const cell = side / view.span, every = Math.max(1, Math.ceil((LABEL_PX + (sheet ? 6 : 0)) / cell));
    const along = (from, put) => {
      for (let p = Math.floor(from / every) * every + (every >> 1); p < classes; p += every) {
        const at = (p + .5 - from) * cell;
        if (at > side - 8) return;
        if (at > 8) put(p, MARGIN_PX + at);
      }
    };
    pen.textBaseline = "middle";
    pen.font = font;
    along(view.top, (p, y) => left(order[p], y, cursor?.row === p));
    along(view.left, (p, x) => above(order[p], x, every * cell, cursor?.column === p));
  }

  function left(index, y, chosen) {
    const text = shortened(labels[index], MARGIN_PX - 10 - (pictured(index) ? GLYPH_PX + 4 : 0));
    pen.fillStyle = colour(chosen ? "--seal" : "--ink");
    pen.textAlign = "right";
    pen.fillText(text, MARGIN_PX - 7, y);
    if (pictured(index)) tile(index, MARGIN_PX - 12 - pen.measureText(text).width - GLYPH_PX, y - GLYPH_PX / 2);
  }

  // What is too wide for its column stands upright.
  function above(index, x, room, chosen) {
    const upright = pen.measureText(labels[index]).width > room;
    const text = shortened(labels[index], upright ? MARGIN_PX - 12 - GLYPH_PX : room);
    pen.fillStyle = colour(chosen ? "--seal" : "--ink");
    pen.textAlign = upright ? "left" : "center";
    pen.save();
    pen.translate(x, upright ? MARGIN_PX - 7 : MARGIN_PX - 14);
    if (upright) pen.rotate(-Math.PI / 2);
    pen.fillText(text, 0, 0);
    pen.restore();
    const height = upright ? pen.measureText(text).width : 16;
    if (pictured(index)) tile(index, x - GLYPH_PX / 2, MARGIN_PX - 12 - height - GLYPH_PX);
  }

  function shortened(text, room) {
    if (pen.measureText(text).width <= room) return text;
    const characters = [...text];
    while (characters.length > 1 && pen.measureText(characters.join("") + "…").width > room) characters.pop();
    return characters.join("") + "…";
  }

  function pictured(index) {
    return glyphs && tiles[index] < sheet.all;
  }

  function tile(index, x, y) {
    const line = Math.floor(tiles[index] / sheet.columns), column = tiles[index] % sheet.columns;
    pen.drawImage(glyphs, column * sheet.tile, line * sheet.tile, sheet.tile, sheet.tile, x, y, GLYPH_PX, GLYPH_PX);
  }

  function placeAt(event) {
    const box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left - MARGIN_PX, y = event.clientY - box.top - MARGIN_PX;
    if (x < 0 || y < 0 || x >= side || y >= side) return null;
    return { x, y, column: Math.floor(view.left + x * view.span / side), row: Math.floor(view.top + y * view.span / side) };
  }

  function readoutOf(at) {
    if (!at) return;
    const { size, row, column, wide, wrong, right, all } = drawn;
    const y = Math.floor(at.row / size) - row, x = Math.floor(at.column / size) - column;
    const first = order[Math.floor(at.row / size) * size], second = order[Math.floor(at.column / size) * size];
    if (first === undefined || second === undefined) return;
    const same = size === 1 && first === second;
    const number = (same ? right.get(y * wide + x) : wrong[y * wide + x]) ?? 0;
    const text = fill(size > 1 ? words.block : same ? words.right : words.cell, {
      truth: labels[first], guess: labels[second], count: number, images: all[y] ?? 0,
      share: percent(number, all[y]), rows: size, columns: size,
    });
    readout.replaceChildren(...[first, second].slice(0, same ? 1 : 2).filter(() => sheet).map(glyph), text);
  }

  function glyph(index) {
    const shown = document.createElement("i");
    if (tiles[index] >= sheet.all) return shown;
    shown.className = "tile glyphs";
    shown.style.setProperty("--c", tiles[index] % sheet.columns);
    shown.style.setProperty("--r", Math.floor(tiles[index] / sheet.columns));
    return shown;
  }

  // Shows the cell of two classes, with some of its neighbours.
  function go(truthIndex, guessIndex) {
    const span = Math.min(NEAR, classes);
    cursor = { row: place[truthIndex], column: place[guessIndex] };
    look(cursor.column - (span >> 1), cursor.row - (span >> 1), span);
  }

  new ResizeObserver(() => { if (Math.abs(canvas.clientWidth - side - MARGIN_PX - 1) > 1) draw(); }).observe(canvas);
  arrange();
  draw();
  if (sheet) {
    const example = document.querySelector(".glyphs");
    const address = example && getComputedStyle(example).backgroundImage.match(/^url\("?(.*?)"?\)$/);
    if (address) {
      const loaded = new Image();
      loaded.onload = () => { glyphs = loaded; draw(); };
      loaded.src = address[1];
    }
  }
  return {
    canvas, classes, labels, words, look, zoom, go, soon, draw, arrange, placeAt,
    get view() { return view; },
    get side() { return side; },
    get block() { return drawn.size; },
    get cursor() { return cursor; },
    point(at) { cursor = at; soon(); },
  };
})();
