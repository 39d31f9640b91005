import { deploymentPrefix } from '@trunkline/contracts';
import {
  type AccessProbe,
  accessProbes,
  connectionSettings,
  GenesysConnection,
  loginProbe,
} from '@trunkline/genesys';
import type { auditSourceSettings, genesysSettings, Values } from '@trunkline/service';
import type { Redis } from 'ioredis';
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
  /** For the allowance and the pauses that all processes of the client share; `null`: it is away, or not told of. */
  redis: () => Promise<Redis | null>,
  now: () => number,
  needs: readonly string[],
): Probe[] {
  const asked = { ...settings, timeoutMs: Math.min(settings.timeoutMs, timeoutMs) };
  const terms = connectionSettings(asked, stream);
  const parts = { keyPrefix: deploymentPrefix(deployment), onWait: () => {} };
  let connecting: Promise<GenesysConnection> | null = null;
  const connection = (): Promise<GenesysConnection> => {
    connecting ??= redis().then((shared) =>
      opened.use(new GenesysConnection(terms, { ...parts, redis: shared })),
    );
    return connecting;
  };
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
        const { serverDate } = await loginProbe.attempt(await connection(), signal);
        clock = { theirs: serverDate?.getTime() ?? null, ours: now() };
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

function permission({ what, attempt }: AccessProbe, connection: () => Promise<GenesysConnection>): Probe {
  return {
    name: `genesys ${what}`,
    needs: ['genesys login'],
    attempt: async (signal) => {
      const { isProof } = await attempt(await connection(), signal);
      return ok(isProof ? 'permitted' : 'not refused; there was none to ask for');
    },
  };
}
