import type { AccessLog, NewAccessEntry } from '@trunkline/access-log';
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { addressOf } from './address.ts';
import { localPath, loginPage } from './login-page.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { maxPasswordBytes } from './password.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { Sessions } from './sessions.ts';
import type { User, Users } from './users.ts';

const loginForm = z.object({
  name: z.string().min(1).max(64),
  password: z.string().min(1).max(maxPasswordBytes),
  to: z.string().optional(),
});

/** Each costs 32 MiB and a tenth of a second; more at once would starve everything else. */
const maxHashesAtOnce = 4;

export interface LoginParts {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly throttle: LoginThrottle;
  readonly cookie: SessionCookie;
  readonly accessLog: AccessLog;
}

/** `/login` and `/logout`. */
export function loginRoutes(parts: LoginParts): Router {
  const { users, sessions, throttle, cookie, accessLog } = parts;
  const router = Router();
  let hashing = 0;

  router.get('/login', (request, response) => {
    response.send(loginPage(null, localPath(request.query['to'])));
  });

  router.post('/login', express.urlencoded({ extended: false, limit: '8kb' }), async (request, response) => {
    const form = loginForm.safeParse(request.body ?? {});
    if (!form.success) return refuse(response, 400, 'Type a user and a password.', '/');
    const { name, password } = form.data;
    const to = localPath(form.data.to);
    const address = addressOf(request);
    if (hashing >= maxHashesAtOnce) {
      return refuse(response, 503, 'Too many log in at this moment. Try again.', to);
    }
    hashing += 1;
    try {
      const waitMs = await throttle.attempt(name, address);
      if (waitMs > 0) {
        await tell('login-throttled', request, knownName(name), 'Too many attempts to log in');
        response.setHeader('retry-after', Math.ceil(waitMs / 1_000));
        return refuse(response, 429, `Too many attempts. Try again in ${minutes(waitMs)}.`, to);
      }
      const user = await users.withPassword(name, password);
      if (user === null) {
        await tell('login-refused', request, knownName(name), 'A login was refused');
        return refuse(response, 401, 'User or password is wrong.', to);
      }
      await throttle.clear(name, address);
      const former = cookie.read(request);
      if (former !== null) await sessions.end(former);
      cookie.set(request, response, await sessions.open(user), sessions.lengthMs);
      await tell('login', request, user, `${user.name} logged in`);
      response.redirect(303, to);
    } finally {
      hashing -= 1;
    }
  });

  router.post('/logout', async (request, response) => {
    const token = cookie.read(request);
    const visitor = token === null ? null : await sessions.find(token);
    if (token !== null) await sessions.end(token);
    if (visitor !== null) await tell('logout', request, visitor, `${visitor.name} logged out`);
    cookie.clear(request, response);
    response.redirect(303, '/login');
  });

  /** A name that is not ours may be a password in the wrong field: it is not logged. */
  function knownName(name: string): Pick<User, 'name' | 'role'> | null {
    return users.find(name);
  }

  function tell(
    what: 'login' | 'logout' | 'login-refused' | 'login-throttled',
    request: Request,
    who: { readonly name: string | null; readonly role: string } | null,
    text: string,
  ): Promise<void> {
    const entry: NewAccessEntry = {
      event: `access.${what}`,
      user: who?.name ?? null,
      role: who?.role ?? null,
      address: addressOf(request),
      action: null,
      target: null,
      outcome: what === 'login' || what === 'logout' ? 'done' : 'refused',
      reason: null,
    };
    return accessLog.tell(entry, text);
  }

  return router;
}

function refuse(response: Response, status: number, problem: string, to: string): void {
  response.status(status).send(loginPage(problem, to));
}

function minutes(ms: number): string {
  const count = Math.ceil(ms / 60_000);
  return count === 1 ? 'a minute' : `${count} minutes`;
}
