/**
 * Gives names to the buttons of Bull Board 9.10.1 that are icons alone, by their icon, so that whoever hears the page knows them. What has a
 * name is left as it is.
 */
const names = {
  maximize: 'Full screen',
  minimize: 'Leave full screen',
  settings: 'Settings',
  'circle-user': 'Links',
  'circle-user-round': 'Links',
  'ellipsis-vertical': 'More about this queue',
  'panel-left': 'List of queues',
  'panel-left-close': 'Fold the list of queues',
  'panel-left-open': 'Unfold the list of queues',
  info: 'About this queue',
  'refresh-cw': 'Retry this job',
  'trash-2': 'Remove this job',
  copy: 'Copy',
};

/** Text beside the icon; an icon may hold a style sheet of its own. */
function textOf(element) {
  const icon = element.querySelector('svg')?.textContent ?? '';
  return element.textContent.replace(icon, '').trim();
}

function nameAll() {
  for (const button of document.querySelectorAll('button:not([aria-label])')) {
    if (textOf(button) !== '') continue;
    const icons = [...(button.querySelector('svg')?.classList ?? [])].map((word) =>
      word.replace('lucide-', ''),
    );
    const named = icons.map((icon) => names[icon]).find((name) => name !== undefined);
    const name = named ?? (button.closest('header') === null ? undefined : 'Redis');
    if (name !== undefined) button.setAttribute('aria-label', name);
  }
  // What is seen has to be part of the name: it is what people say to press it.
  for (const named of document.querySelectorAll(
    '[aria-label]:is(button, a, [role="button"], [class*="workersBadge"])',
  )) {
    const [text, label] = [textOf(named), named.getAttribute('aria-label')];
    if (text !== '' && !label.includes(text)) named.setAttribute('aria-label', `${text}: ${label}`);
  }
  // Pictures beside the words that say the same.
  for (const picture of document.querySelectorAll('svg[role="img"]:not([aria-label])')) {
    if (picture.querySelector('title') === null) picture.setAttribute('aria-hidden', 'true');
  }
}

let asked = false;
new MutationObserver(() => {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    nameAll();
  });
}).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ['aria-label'] });
