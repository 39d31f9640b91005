import { jsonReply } from '../../http/reply.ts';
import { type PlatformRoute, platformRoute } from '../platform-route.ts';
import { serviceMapping } from './services.ts';

/** What every call about audits needs. */
const access = { kind: 'bearer', permissions: ['audits:audit:view'] } as const;

export interface AuditRouteSettings {
  /** Services whose events realtime does not have. */
  historyOnly: readonly string[];
}

/** The audit side of the platform's API. */
export function auditRoutes(settings: AuditRouteSettings): PlatformRoute[] {
  const all = serviceMapping(() => true);
  const realtime = serviceMapping((name) => !settings.historyOnly.includes(name));
  return [
    platformRoute({
      method: 'GET',
      path: '/api/v2/audits/query/servicemapping',
      route: 'audits-services',
      access,
      answer: () => jsonReply(200, all),
    }),
    platformRoute({
      method: 'GET',
      path: '/api/v2/audits/query/realtime/servicemapping',
      route: 'audits-services',
      access,
      answer: () => jsonReply(200, realtime),
    }),
  ];
}
