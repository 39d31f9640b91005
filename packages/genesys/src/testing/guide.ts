import { type ConnectionParts, GenesysConnection } from '../connection.ts';
import { EventStreamsSource } from '../guide/eventstreams-source.ts';
import type { GenesysWait } from '../patience.ts';
import { type GenesysSettings, genesysDefaults } from '../settings.ts';
import { type Answer, type ReceivedRequest, ScriptedServer } from './scripted-server.ts';

export const tokenPath = '/oauth/token';
export const streamPath = '/api/v2/eventstreams';
export const clientSecret = 'sEcr3t-of-the-service-account';

export const emptyPage = { status: 200, body: '{"nextCursor":null,"events":[]}' };

export function issued(nth: number, expiresIn: number = 3600): Answer {
  return {
    status: 200,
    body: `{"access_token":"token-${nth}","expires_in":${expiresIn},"token_type":"bearer"}`,
  };
}

interface Script {
  /** Answer to the nth request for a token; default: `token-<nth>`, good for an hour. */
  token?: (nth: number, request: ReceivedRequest) => Answer;
  /** Answer to the nth request of the stream; default: drained. */
  stream?: (nth: number, request: ReceivedRequest) => Answer;
  settings?: Partial<GenesysSettings>;
  parts?: Partial<ConnectionParts>;
}

/** A scripted guide server and a source that speaks to it, with waits short enough for a test and no throttle. */
export async function startGuide(script: Script = {}) {
  const server = await ScriptedServer.start((request, nth) => {
    if (request.path === tokenPath) return script.token?.(nth, request) ?? issued(nth);
    if (request.path === streamPath) return script.stream?.(nth, request) ?? emptyPage;
    return { status: 404 };
  });
  const waits: GenesysWait[] = [];
  const open = (parts: Partial<ConnectionParts> = {}) =>
    new GenesysConnection(
      {
        ...genesysDefaults,
        apiBase: server.base,
        loginBase: script.settings?.apiBase ?? server.base,
        clientId: 'client-1',
        clientSecret,
        ratePerSecond: 0,
        backoffMinMs: 2,
        backoffMaxMs: 10,
        pauseMs: 30,
        ...script.settings,
      },
      { redis: null, keyPrefix: '{test}', onWait: (wait) => waits.push(wait), ...script.parts, ...parts },
    );
  const connection = open();
  return {
    server,
    waits,
    connection,
    source: sourceOf(connection),
    open,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

export function sourceOf(connection: GenesysConnection): EventStreamsSource {
  return new EventStreamsSource(connection.call, genesysDefaults);
}
