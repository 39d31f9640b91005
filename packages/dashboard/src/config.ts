import { isIP } from 'node:net';
import {
  type CrossCheck,
  commaList,
  optionalSetting,
  processSettings,
  redisSettings,
  secondsAsMs,
  setting,
  type Values,
  wholeNumber,
} from '@trunkline/service';
import { z } from 'zod';
import { isLoopbackName } from './access/same-origin.ts';
import { userList } from './access/users.ts';

/** An address, a network as `10.0.0.0/8`, or one of express's names for local networks. */
const proxyAddress = z.string().refine((text) => {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}, 'must be a list of addresses or networks (10.0.0.0/8, ::1, loopback, linklocal, uniquelocal)');

/** The dashboard's own settings. */
const ownSettings = {
  host: setting({
    env: 'DASHBOARD_HOST',
    schema: z.string(),
    default: '127.0.0.1',
    summary:
      'address on which the dashboard listens (containers: 0.0.0.0); beyond this machine it needs users',
  }),
  port: setting({
    env: 'DASHBOARD_PORT',
    schema: wholeNumber(0, 65_535),
    default: '3000',
    summary: 'its port; 0 takes a free one, which the log names',
  }),
  users: optionalSetting({
    env: 'DASHBOARD_USERS',
    schema: userList,
    secret: true,
    summary:
      'who may log in, as `name:role:hash,...`; role viewer or operator, hash by `hash-password` of @trunkline/dashboard. Without users: open for reading, to this machine only',
  }),
  sessionLengthMs: setting({
    env: 'DASHBOARD_SESSION_SECONDS',
    schema: secondsAsMs(60, 30 * 86_400),
    default: '43200',
    summary: 'how long a login holds',
  }),
  secureCookies: setting({
    env: 'DASHBOARD_SECURE_COOKIES',
    schema: z.enum(['auto', 'always', 'never'], 'must be auto, always or never'),
    default: 'auto',
    summary: 'Secure cookies: auto sets them where the request came over TLS at a trusted proxy',
  }),
  trustedProxies: optionalSetting({
    env: 'DASHBOARD_TRUSTED_PROXIES',
    schema: commaList(proxyAddress),
    summary: 'proxies whose X-Forwarded-* headers are believed: addresses, networks, or `loopback`',
  }),
  streams: optionalSetting({
    env: 'DASHBOARD_STREAMS',
    schema: commaList(z.string().regex(/^[\w.-]{1,64}$/, 'must be a list of stream ids')),
    summary: 'audit streams on the overview; left out: those that living fetchers name',
  }),
} as const;

export const dashboardSettings = {
  process: processSettings,
  redis: redisSettings,
  dashboard: ownSettings,
} as const;

type DashboardConfig = Values<typeof dashboardSettings>;
export type OwnConfig = DashboardConfig['dashboard'];

/** A dashboard that others can reach must know them. */
export const checkDashboardSettings: CrossCheck<typeof dashboardSettings> = ({ dashboard }) => {
  if (dashboard?.host === undefined || isLoopbackName(dashboard.host) || dashboard.users !== null) return [];
  return [
    `DASHBOARD_USERS is missing: a dashboard that listens on ${dashboard.host} can be reached by others; name its users, or set DASHBOARD_HOST=127.0.0.1`,
  ];
};
