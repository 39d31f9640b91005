import { deploymentPrefix } from '@trunkline/contracts';
import {
  type AccessProbe,
  accessProbes,
  connectionSettings,
  GenesysConnection,
  loginProbe,
} from '@trunkline/genesys';
import type { auditSourceSettings, genesysSettings, Values } from '@trunkline/service';
import { clockSkew } from '../clock-skew.ts';
import { ok, type Probe } from '../probe.ts';

/** A fetcher is more patient (ms). */
const timeoutMs = 10_000;

export interface GenesysWanted {
  readonly settings: Values<typeof genesysSettings>;
  readonly stream: Values<Pick<typeof auditSourceSettings, 'filters' | 'pageLimit' | 'replayWindowMs'>>;
  readonly deployment: string;
  readonly audit: boolean;
  /** `null`: no conversations are archived. */
  readonly mediaTypes: readonly string[] | null;
}

export function genesysProbes(
  { settings, stream, deployment, audit, mediaTypes }: GenesysWanted,
  opened: AsyncDisposableStack,
  now: () => number,
  needs: readonly string[],
): Probe[] {
  const asked = { ...settings, timeoutMs: Math.min(settings.timeoutMs, timeoutMs) };
  const terms = connectionSettings(asked, stream);
  const parts = { redis: null, keyPrefix: deploymentPrefix(deployment), onWait: () => {} };
  const connection = opened.use(new GenesysConnection(terms, parts));
  let clock: { theirs: number | null; ours: number } | null = null;
  const wanted = accessProbes({
    contract: settings.contract,
    audit: audit ? terms : null,
    mediaTypes,
    now: now(),
  });
  return [
    {
      name: 'genesys login',
      needs,
      attempt: async (signal) => {
        const date = await loginProbe.attempt(connection, signal);
        clock = { theirs: date?.getTime() ?? null, ours: now() };
        return ok(`client ${settings.clientId} at ${new URL(terms.loginBase).host}`);
      },
    },
    ...wanted.map((probe) => permission(probe, connection)),
    {
      name: 'genesys clock',
      needs: ['genesys login'],
      attempt: async () => clockSkew(clock?.theirs ?? null, clock?.ours ?? 0, 'Genesys'),
    },
  ];
}

function permission({ what, attempt }: AccessProbe, connection: GenesysConnection): Probe {
  return {
    name: `genesys ${what}`,
    needs: ['genesys login'],
    attempt: async (signal) => {
      await attempt(connection, signal);
      return ok('permitted');
    },
  };
}
