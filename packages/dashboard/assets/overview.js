/**
 * Keeps the overview up to date: the server sends the changing part as HTML each second, and only what differs is
 * changed in place, so that focus, selection and scroll positions stay. Nothing is asked for while the page is hidden.
 */
const main = document.getElementById('main');
let source = null;

function open() {
  if (source !== null || document.hidden) return;
  source = new EventSource('/events');
  source.addEventListener('overview', (event) => {
    const next = document.createElement('template');
    next.innerHTML = JSON.parse(event.data);
    document.body.classList.remove('cut-off');
    matchChildren(main, next.content);
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
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!wanted.hasAttribute(name)) old.removeAttribute(name);
  }
  matchChildren(old, wanted);
}

document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
open();
