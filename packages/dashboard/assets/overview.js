/**
 * Keeps the overview up to date: the server sends those parts of the page that have changed, as HTML, and only what differs is
 * changed in place, so that focus, selection and scroll positions stay. Nothing is asked for while the page is hidden.
 * Where a pointer rests on a chart, or arrow keys move on it, it reads the values of that moment.
 */
let source = null;

function open() {
  if (source !== null || document.hidden) return;
  source = new EventSource(`/events${location.search}`);
  source.addEventListener('overview', (event) => {
    const { title, parts } = JSON.parse(event.data);
    document.body.classList.remove('cut-off');
    if (document.title !== title) document.title = title;
    for (const [id, part] of Object.entries(parts)) {
      const next = document.createElement('template');
      next.innerHTML = part;
      const current = document.getElementById(id);
      if (current !== null) matchNode(current, next.content.firstElementChild);
    }
  });
  source.addEventListener('error', () => {
    document.body.classList.add('cut-off');
    // The browser retries a broken connection by itself; a closed one means that the session has ended.
    if (source?.readyState === EventSource.CLOSED) setTimeout(askAgain, 3_000);
  });
}

function close() {
  source?.close();
  source = null;
}

async function askAgain() {
  close();
  try {
    const answer = await fetch('/', { method: 'HEAD', redirect: 'manual' });
    if (answer.status === 401 || answer.type === 'opaqueredirect') return location.reload();
  } catch {
    // The dashboard is away: try again.
  }
  open();
}

/** Makes the children of `old` like those of `wanted`. */
function matchChildren(old, wanted) {
  const news = [...wanted.childNodes];
  for (const [index, node] of news.entries()) {
    const current = old.childNodes[index];
    if (current === undefined) old.append(node);
    else matchNode(current, node);
  }
  while (old.childNodes.length > news.length) old.lastChild.remove();
}

function matchNode(old, wanted) {
  if (old.nodeType !== wanted.nodeType || old.nodeName !== wanted.nodeName || old.id !== wanted.id) {
    old.replaceWith(wanted);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== wanted.data) old.data = wanted.data;
    return;
  }
  // What is read of a chart is the reader's.
  if (old.classList.contains('readout') || old.classList.contains('spoken')) return;
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    // Whether somebody has opened it is theirs too.
    if (!wanted.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS'))
      old.removeAttribute(name);
  }
  matchChildren(old, wanted);
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' });
const figure = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** Moments of a chart that have a sample, from the first to the last, in ms from its left end. */
function momentsOf({ lines }) {
  return [...new Set(lines.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b);
}

function nearestTo(moments, place) {
  return moments.reduce(
    (one, other) => (Math.abs(other - place) < Math.abs(one - place) ? other : one),
    Number.POSITIVE_INFINITY,
  );
}

/** Shows the values of a moment of a chart. @returns them in words */
function readAt(chart, moment) {
  const { from, to, unit, lines } = JSON.parse(chart.dataset.chart);
  const values = lines.map(({ name, points }) => {
    const value = points.find(([time]) => time === moment)?.[1] ?? null;
    return `${name}  ${value === null ? '–' : figure.format(value)}${value === null || unit === '' ? '' : unit.startsWith('/') ? unit : ` ${unit}`}`;
  });
  const readout = chart.querySelector('.readout');
  const text = [`${clock.format(from + moment)} UTC`, ...values];
  readout.textContent = text.join('\n');
  readout.hidden = false;
  const svg = chart.querySelector('.plot svg');
  const box = svg.getBoundingClientRect();
  const plot = chart.querySelector('.plot').getBoundingClientRect();
  const x = box.left - plot.left + (moment / (to - from)) * box.width;
  const room = plot.width - readout.offsetWidth;
  readout.style.left = `${Math.max(0, Math.min(room, x + (x > plot.width / 2 ? -readout.offsetWidth - 10 : 10)))}px`;
  return text.join(', ');
}

function hideReadouts(but = null) {
  for (const readout of document.querySelectorAll('.readout')) {
    if (but === null || !but.contains(readout)) readout.hidden = true;
  }
}

document.addEventListener('pointermove', (event) => {
  const plot = event.target instanceof Element ? event.target.closest('.plot') : null;
  // What the keyboard reads stays until the pointer comes to a chart.
  if (plot === null && document.activeElement?.classList.contains('plot')) return;
  hideReadouts(plot);
  if (plot === null) return;
  const chart = plot.closest('.chart');
  const data = JSON.parse(chart.dataset.chart);
  const box = plot.querySelector('svg').getBoundingClientRect();
  const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  const moment = nearestTo(momentsOf(data), share * (data.to - data.from));
  if (Number.isFinite(moment)) readAt(chart, moment);
});

/** Where the keyboard reads a chart, in ms since 1970: it stays there while the chart moves on. */
const readings = new WeakMap();
const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30, Home: -Infinity, End: Infinity };

/** Reads on by so many samples, and says what is there. */
function read(plot, step) {
  const chart = plot.closest('.chart');
  const data = JSON.parse(chart.dataset.chart);
  const moments = momentsOf(data);
  if (moments.length === 0) return;
  const last = moments.length - 1;
  const at = readings.has(chart)
    ? moments.indexOf(nearestTo(moments, readings.get(chart) - data.from))
    : last;
  const moment = moments[Math.max(0, Math.min(last, at + step))];
  readings.set(chart, data.from + moment);
  chart.querySelector('.spoken').textContent = readAt(chart, moment);
}

document.addEventListener('keydown', (event) => {
  const plot = event.target;
  if (!plot.classList?.contains('plot') || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === 'Escape') return hideReadouts();
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  read(plot, step);
});

document.addEventListener('focusin', (event) => {
  if (event.target.classList.contains('plot') && event.target.matches(':focus-visible'))
    read(event.target, 0);
});

document.addEventListener('focusout', (event) => {
  if (!event.target.classList.contains('plot')) return;
  hideReadouts();
  event.target.closest('.chart').querySelector('.spoken').textContent = '';
});

document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
open();
