import { type Simulator, startSimulator } from '../index.ts';
import type { SimulatorOptionsInput } from '../options.ts';
import { CREDENTIALS, HandClock } from './poller.ts';

/** A client of the platform contract, for tests over HTTP. */
export class PlatformClient {
  readonly url: string;
  readonly token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  static async connect(url: string, loginPrefix = ''): Promise<PlatformClient> {
    const response = await basicLogin(`${url}${loginPrefix}`);
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    return new PlatformClient(url, ((await response.json()) as { access_token: string }).access_token);
  }

  get(path: string, init: RequestInit = {}): Promise<Response> {
    return this.request('GET', path, undefined, init);
  }

  /** @param body sent as JSON; text as it is */
  request(method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        Authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...init,
    });
  }
}

/** The client-credentials grant with a Basic header. */
export function basicLogin(
  url: string,
  credentials = `${CREDENTIALS.client_id}:${CREDENTIALS.client_secret}`,
  form: Record<string, string> = { grant_type: 'client_credentials' },
): Promise<Response> {
  return fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams(form),
  });
}

/** A simulator whose events do not come by themselves, on a clock that stands still. */
export async function stillPlatform(
  options: SimulatorOptionsInput = {},
): Promise<{ simulator: Simulator; clock: HandClock; [Symbol.asyncDispose](): Promise<void> }> {
  const clock = new HandClock();
  const simulator = await startSimulator({ rate: 0, backlog: 10, ...options }, clock.now);
  return { simulator, clock, [Symbol.asyncDispose]: () => simulator.close() };
}
