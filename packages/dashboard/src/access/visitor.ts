import { type AccessLog, turnedAway } from '@trunkline/access-log';
import type { RequestHandler, Response } from 'express';
import { comeAgainPage, noticePage } from '../html/layout.ts';
import { addressOf } from './address.ts';
import { type ProxyIdentity, proxyVisitor } from './proxy-visitor.ts';
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

function isWelcome(response: Response): boolean {
  return (response.locals as { visitor?: Visitor }).visitor !== undefined;
}

function welcome(response: Response, visitor: Visitor): void {
  (response.locals as { visitor?: Visitor }).visitor = visitor;
}

/** Lets nobody pass without a session: pages go to the login, everything else is answered 401. */
export function requireSession(sessions: Sessions, cookie: SessionCookie): RequestHandler {
  return async (request, response, next) => {
    if (isWelcome(response)) return next();
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
 * Lets those pass whom a trusted proxy has logged in. Whom it names without a role that may look is told so; what names nobody, or
 * does not come from a named proxy, goes on to the next way in.
 */
export function proxyLogin(identity: ProxyIdentity, accessLog: AccessLog): RequestHandler {
  return (request, response, next) => {
    const trusts = request.app.get('trust proxy fn') as (address: string, hop: number) => boolean;
    const verdict = proxyVisitor(request, identity, (address) => trusts(address, 0));
    const event = 'access.login-refused';
    const address = addressOf(request);
    switch (verdict.kind) {
      case 'visitor':
        welcome(response, { name: verdict.name, role: verdict.role, by: 'proxy' });
        return next();
      case 'nobody':
        return next();
      case 'forged':
        void accessLog.tell(
          turnedAway(event, address),
          'A user was named by somebody who is no trusted proxy',
        );
        return next();
      case 'stranger': {
        void accessLog.tell(turnedAway(event, address, verdict.name), 'A user of the proxy has no role here');
        const text = `The proxy knows you as ${verdict.name}, and none of your roles may look at Trunkline. Ask for one of DASHBOARD_PROXY_VIEWERS.`;
        response.status(403).send(noticePage('No role here', text));
        return;
      }
      default:
        verdict satisfies never;
    }
  };
}

/** Behind a proxy that logs people in, without users of its own: whoever comes past the proxy stays outside. */
export function requireProxy(): RequestHandler {
  return (request, response, next) => {
    if (isWelcome(response)) return next();
    const text =
      'This dashboard is entered by the proxy in front of it, which logs people in. Open it at the address of that proxy.';
    if (request.accepts(['json', 'html']) === 'html')
      response.status(401).send(noticePage('Not this way', text));
    else response.status(401).json({ error: text });
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
    welcome(response, { name: null, role: 'viewer', by: 'nothing' });
    next();
  };
}
