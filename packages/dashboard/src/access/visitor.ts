import type { RequestHandler, Response } from 'express';
import { comeAgainPage, noticePage } from '../html/layout.ts';
import { isLoopbackName } from './same-origin.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { Sessions, Visitor } from './sessions.ts';

/** Who asks; only behind `requireSession` or `openForReading`. */
export function visitorOf(response: Response): Visitor {
  const visitor = (response.locals as { visitor?: Visitor }).visitor;
  if (visitor === undefined)
    throw new Error('a route that needs a visitor stands before the check of the session');
  return visitor;
}

function welcome(response: Response, visitor: Visitor): void {
  (response.locals as { visitor?: Visitor }).visitor = visitor;
}

/** Lets nobody pass without a session: pages go to the login, everything else is answered 401. */
export function requireSession(sessions: Sessions, cookie: SessionCookie): RequestHandler {
  return async (request, response, next) => {
    const token = cookie.read(request);
    const visitor = token === null ? null : await sessions.find(token);
    if (visitor !== null) {
      welcome(response, visitor);
      next();
      return;
    }
    const isPage = request.method === 'GET' && request.accepts(['json', 'html']) === 'html';
    // Browsers keep a Strict cookie back when a link of another site leads here (a chat, an alert): once more, from here.
    if (isPage && request.headers['sec-fetch-site'] === 'cross-site') response.send(comeAgainPage());
    else if (isPage) response.redirect(303, `/login?to=${encodeURIComponent(request.originalUrl)}`);
    else response.status(401).json({ error: 'Log in first: the session is missing or has ended.' });
  };
}

/**
 * A dashboard without users: everybody on this machine may read, nobody may act. The name that the browser asked for
 * must be this machine's own, so that no web page can read it by pointing a name of its own at 127.0.0.1.
 */
export function openForReading(): RequestHandler {
  return (request, response, next) => {
    if (!isLoopbackName(request.headers.host ?? '')) {
      const text =
        'This dashboard has no users and answers to this machine only, as localhost or 127.0.0.1. Set DASHBOARD_USERS to reach it by another name.';
      response.status(421).send(noticePage('Not by this name', text));
      return;
    }
    welcome(response, { name: null, role: 'viewer' });
    next();
  };
}
