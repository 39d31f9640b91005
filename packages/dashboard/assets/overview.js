/**
 * Keeps the overview up to date: the server sends those parts of the page that have changed, as HTML, and only what differs is
 * changed in place, so that focus, selection and scroll positions stay. Nothing is asked for while the page is hidden.
 * Where a pointer rests on a chart, it reads the values of that moment.
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
  // What stands under the pointer is the reader's.
  if (old.classList.contains('readout')) return;
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

/** Shows the values of the sample that is nearest to a place on the chart. @param share 0: its left end, 1: its right end */
function readAt(chart, share) {
  const { from, to, unit, lines } = JSON.parse(chart.dataset.chart);
  const at = share * (to - from);
  const nearest = lines
    .flatMap(({ points }) => points.map(([time]) => time))
    .reduce(
      (one, other) => (Math.abs(other - at) < Math.abs(one - at) ? other : one),
      Number.POSITIVE_INFINITY,
    );
  const readout = chart.querySelector('.readout');
  if (!Number.isFinite(nearest)) return;
  const values = lines.map(({ name, points }) => {
    const value = points.find(([time]) => time === nearest)?.[1] ?? null;
    return `${name}  ${value === null ? '–' : figure.format(value)}${value === null || unit === '' ? '' : unit.startsWith('/') ? unit : ` ${unit}`}`;
  });
  readout.textContent = [`${clock.format(from + nearest)} UTC`, ...values].join('\n');
  readout.hidden = false;
  const svg = chart.querySelector('.plot svg');
  const box = svg.getBoundingClientRect();
  const plot = chart.querySelector('.plot').getBoundingClientRect();
  const x = box.left - plot.left + (nearest / (to - from)) * box.width;
  const room = plot.width - readout.offsetWidth;
  readout.style.left = `${Math.max(0, Math.min(room, x + (x > plot.width / 2 ? -readout.offsetWidth - 10 : 10)))}px`;
}

document.addEventListener('pointermove', (event) => {
  const plot = event.target instanceof Element ? event.target.closest('.plot') : null;
  for (const readout of document.querySelectorAll('.readout')) {
    if (plot === null || !plot.contains(readout)) readout.hidden = true;
  }
  if (plot === null) return;
  const box = plot.querySelector('svg').getBoundingClientRect();
  const share = (event.clientX - box.left) / box.width;
  readAt(plot.closest('.chart'), Math.max(0, Math.min(1, share)));
});

document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
open();
