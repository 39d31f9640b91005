/** Asks before what cannot be undone; lets one box choose all. Without scripts the page does the same, unasked. */
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
