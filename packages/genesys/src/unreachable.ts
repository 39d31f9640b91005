import { TrunklineError } from '@trunkline/contracts';

/** What a foreign error on the way to Genesys, or back, is turned into. */
export function unreachable(what: string, error: unknown): TrunklineError {
  return new TrunklineError('GENESYS_UNREACHABLE', {
    message: `No whole reply from Genesys to ${what} (${failureName(error)}).`,
    remedy:
      'It is tried again; if it lasts, check the API base, DNS, firewall and the outbound proxy settings.',
    cause: error,
  });
}

/** The code of a foreign error: its text may hold addresses of a proxy with a password. */
function failureName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code !== null) return code;
  return error.message === 'terminated' ? 'connection ended mid-body' : error.name;
}
