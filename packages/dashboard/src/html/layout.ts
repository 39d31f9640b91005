import type { Visitor } from '../access/sessions.ts';
import { type Html, html } from './html.ts';

type Page = 'overview' | 'queues' | 'dead-letters' | 'access-log';

const pages: readonly (readonly [Page, string, string])[] = [
  ['overview', '/', 'Overview'],
  ['queues', '/queues', 'Queues'],
  ['dead-letters', '/dead-letters/audit', 'Dead letters'],
  ['access-log', '/access-log', 'Access log'],
];

/** The frame of every page of ours; Bull Board has its own. Scripts and styles come from this process alone. */
export function page(options: {
  title: string;
  visitor: Visitor | null;
  main: Html;
  script?: string;
  /** Which of the pages in the bar this is. */
  current?: Page;
  /** Asks for the same page again at once. */
  again?: boolean;
}): string {
  const { title, visitor, main, script, current, again = false } = options;
  const head = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${again ? html`<meta http-equiv="refresh" content="0">` : null}
<title>${title}</title>
<link rel="icon" type="image/svg+xml" href="/assets/mark.svg">
<link rel="stylesheet" href="/assets/style.css">
${script === undefined ? null : html`<script type="module" src="/assets/${script}"></script>`}
</head>
<body>
${visitor === null ? null : topBar(visitor, current ?? null)}
${main}
</body>
</html>
`;
  return head.text;
}

function topBar(visitor: Visitor, current: Page | null): Html {
  const who =
    visitor.name === null
      ? html`<span class="who">not logged in <span class="role">${visitor.role}</span></span>`
      : html`<span class="who">${visitor.name} <span class="role">${visitor.role}</span></span>
${visitor.by === 'session' ? html`<form method="post" action="/logout"><button class="quiet">Log out</button></form>` : null}`;
  return html`<a class="skip" href="#main">Skip to content</a>
<header class="bar">
<a class="brand" href="/"><img src="/assets/mark.svg" alt="" width="26" height="26"> Trunkline</a>
<nav aria-label="Pages">${pages.filter(([name]) => name !== 'access-log' || visitor.role === 'operator').map(([name, href, word]) => html`<a href="${href}"${name === current ? html` aria-current="page"` : null}>${word}</a>`)}</nav>
<div class="account">${who}</div>
</header>`;
}

/** A page that says one thing: what is the matter and what to do. */
export function noticePage(title: string, text: string): string {
  return page({
    title: `${title} · Trunkline`,
    visitor: null,
    main: html`<main class="card single" id="main"><h1>${title}</h1><p>${text}</p><p><a href="/">To the overview</a></p></main>`,
  });
}

/** Shown for a moment to somebody who followed a link of another site: the same request, now from a page of ours. */
export function comeAgainPage(): string {
  const main = html`<main class="card single" id="main"><p>Opening Trunkline …</p></main>`;
  return page({ title: 'Trunkline', visitor: null, main, again: true });
}
