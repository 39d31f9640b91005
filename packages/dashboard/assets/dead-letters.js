/** Asks before what cannot be undone; lets one box choose all; follows what is under way. Without scripts the page does the same, unasked. */
for (const button of document.querySelectorAll('button[data-confirm]')) {
  button.addEventListener('click', (event) => {
    if (!confirm(button.dataset.confirm)) event.preventDefault();
  });
}

// Enter in a field would press the first button of the form, which is another one than the one beside the field.
for (const field of document.querySelectorAll('form[method="post"] input[type="text"]')) {
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') event.preventDefault();
  });
}

const boxes = [...document.querySelectorAll('tbody input[type="checkbox"]')];
const head = [...document.querySelectorAll('thead th')].find((th) => th.textContent === 'Choose');
if (head !== undefined && boxes.length > 0) {
  const all = document.createElement('input');
  all.type = 'checkbox';
  all.setAttribute('aria-label', 'Choose all of this page');
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
  });
  head.replaceChildren(all);
}

/** Follows a decision that is under way: the page shows how far it is, and then what came of it. */
async function follow() {
  const section = document.getElementById('run');
  if (section === null || !('running' in section.dataset)) return;
  try {
    const answer = await fetch(`${location.pathname.split('/').slice(0, 3).join('/')}/run`);
    if (answer.ok) {
      const next = document.createElement('template');
      next.innerHTML = await answer.text();
      const shown = next.content.firstElementChild;
      // While it runs the figures alone: a button that somebody is about to press stays.
      if (shown !== null && 'running' in shown.dataset) {
        section.querySelector('p').replaceWith(shown.querySelector('p'));
        section.querySelector('progress').replaceWith(shown.querySelector('progress'));
      } else return location.reload();
    }
  } catch {
    // The dashboard is away: look again.
  }
  setTimeout(() => void follow(), 1_000);
}

void follow();
