import { TrunklineError } from '@trunkline/contracts';
import { z } from 'zod';
import type { GenesysCall } from '../../http.ts';
import { auditPermissions } from './audit-query.ts';

export interface ServiceNames {
  /** Each once, in the order of their letters. */
  names: string[];
  serverDate: Date | null;
}

const mapping = z.object({ services: z.array(z.object({ name: z.string().min(1) })) });

/**
 * The services whose events can be queried: of the history all of them, realtime some. About 60 are known; none is expected.
 * Facts: genesys-api.md, section 2.
 */
export function serviceMappingCall(of: 'history' | 'realtime'): GenesysCall<ServiceNames> {
  return {
    what: 'the list of audited services',
    method: 'GET',
    path: `/api/v2/audits/query/${of === 'realtime' ? 'realtime/' : ''}servicemapping`,
    body: null,
    permissions: auditPermissions,
    refusal: null,
    decode: (body, { serverDate }) => ({ names: namesOf(body), serverDate }),
  };
}

function namesOf(body: Buffer): string[] {
  try {
    const { services } = mapping.parse(JSON.parse(body.toString('utf8')));
    return [...new Set(services.map(({ name }) => name))].sort();
  } catch (cause) {
    throw new TrunklineError('GENESYS_REPLY_UNREADABLE', {
      message: "Genesys' reply is no list of audited services.",
      remedy: 'It is asked for again; if it lasts, check the API base and any proxy.',
      cause,
    });
  }
}
