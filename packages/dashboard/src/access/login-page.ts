import { html } from '../html/html.ts';
import { page } from '../html/layout.ts';

/** @param problem what was wrong with the attempt before, or `null`; @param to where to go after the login */
export function loginPage(problem: string | null, to: string): string {
  return page({
    title: 'Log in · Trunkline',
    visitor: null,
    main: html`<main class="login" id="main">
<form class="card" method="post" action="/login">
<p class="brand"><img src="/assets/mark.svg" alt="" width="34" height="34"> Trunkline</p>
<h1>Log in</h1>
${problem === null ? null : html`<p class="problem" role="alert">${problem}</p>`}
<input type="hidden" name="to" value="${to}">
<label>User<input name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required autofocus></label>
<label>Password<input name="password" type="password" autocomplete="current-password" maxlength="1024" required></label>
<button class="primary">Log in</button>
</form>
</main>`,
  });
}

/** Where the login leads: only to a path of this dashboard, never to another host. */
export function localPath(to: unknown): string {
  if (typeof to !== 'string' || !URL.canParse(to, 'http://dashboard.invalid')) return '/';
  const url = new URL(to, 'http://dashboard.invalid');
  return url.host === 'dashboard.invalid' && !url.pathname.startsWith('//') && url.pathname !== '/login'
    ? url.pathname + url.search
    : '/';
}
