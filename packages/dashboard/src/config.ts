import { isIP } from 'node:net';
import {
  type CrossCheck,
  checkElasticsearchSettings,
  commaList,
  elasticsearchSettings,
  optionalSetting,
  payloadSettings,
  processSettings,
  queueWorkerSettings,
  redisSettings,
  s3Settings,
  secondsAsMs,
  setting,
  stageSettings,
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

const headerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'must be the name of a header')
  .transform((name) => name.toLowerCase());

const roleName = z.string().regex(/^[^\s,;]{1,128}$/, 'must be a list of roles or groups');

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
  proxyUserHeader: optionalSetting({
    env: 'DASHBOARD_PROXY_USER_HEADER',
    schema: headerName,
    summary:
      'header in which a proxy that has logged people in names the user, such as `X-Forwarded-User`; believed of DASHBOARD_TRUSTED_PROXIES alone',
  }),
  proxyRolesHeader: optionalSetting({
    env: 'DASHBOARD_PROXY_ROLES_HEADER',
    schema: headerName,
    summary: 'header with their roles or groups, such as `X-Forwarded-Groups`',
  }),
  proxyOperators: optionalSetting({
    env: 'DASHBOARD_PROXY_OPERATORS',
    schema: commaList(roleName),
    summary: 'roles or groups that make an operator; without it everybody is a viewer',
  }),
  proxyViewers: optionalSetting({
    env: 'DASHBOARD_PROXY_VIEWERS',
    schema: commaList(roleName),
    summary: 'roles or groups that make a viewer; without it everybody whom the proxy lets in may look',
  }),
  streams: optionalSetting({
    env: 'DASHBOARD_STREAMS',
    schema: commaList(z.string().regex(/^[\w.-]{1,64}$/, 'must be a list of stream ids')),
    summary: 'audit streams on the overview; left out: those that living fetchers name',
  }),
} as const;

/** How dead letters are looked at: each part may be missing, and what needs it then says so on its page. */
const { urls, cloudId, apiKey, username, password, caFile, timeoutMs, deadLetterIndex, replicas } =
  elasticsearchSettings;

const { payloadKeys } = payloadSettings;
const { url: stageUrl, kmsKeyArn } = stageSettings;

/** The same setting, where it may be left out. */
function leftOut<T>({
  env,
  schema,
  secret,
  summary,
}: {
  env: string;
  schema: z.ZodType<T>;
  secret?: boolean;
  summary: string;
}) {
  return optionalSetting({ env, schema, summary, ...(secret === true ? { secret } : {}) });
}

export const dashboardSettings = {
  process: processSettings,
  redis: redisSettings,
  elasticsearch: { urls, cloudId, apiKey, username, password, caFile, timeoutMs, deadLetterIndex, replicas },
  payload: { payloadKeys: leftOut(payloadKeys) },
  stage: { url: leftOut(stageUrl), kmsKeyArn },
  stageBucket: {
    region: leftOut(s3Settings.region),
    endpoint: s3Settings.endpoint,
    forcePathStyle: s3Settings.forcePathStyle,
  },
  worker: { attempts: queueWorkerSettings.attempts },
  dashboard: ownSettings,
} as const;

export type DashboardConfig = Values<typeof dashboardSettings>;
export type OwnConfig = DashboardConfig['dashboard'];

/** A dashboard that others can reach must know them, and a proxy that tells who they are must be named. */
export const checkDashboardSettings: CrossCheck<typeof dashboardSettings> = (values) => [
  ...checkAccess(values),
  ...checkPlaces(values),
];

function checkAccess({ dashboard }: Partial<DashboardConfig>): string[] {
  if (dashboard === undefined) return [];
  const { host, users, trustedProxies, proxyUserHeader, proxyRolesHeader, proxyOperators, proxyViewers } =
    dashboard;
  const problems: string[] = [];
  if (host !== undefined && !isLoopbackName(host) && users === null && proxyUserHeader === null) {
    problems.push(
      `DASHBOARD_USERS is missing: a dashboard that listens on ${host} can be reached by others; name its users, or a proxy's DASHBOARD_PROXY_USER_HEADER, or set DASHBOARD_HOST=127.0.0.1`,
    );
  }
  if (proxyUserHeader && trustedProxies === null) {
    problems.push(
      'DASHBOARD_TRUSTED_PROXIES is missing: DASHBOARD_PROXY_USER_HEADER is believed of named proxies alone',
    );
  }
  if (proxyUserHeader === null && (proxyRolesHeader || proxyOperators || proxyViewers)) {
    problems.push('DASHBOARD_PROXY_USER_HEADER is missing: the other DASHBOARD_PROXY_ settings belong to it');
  }
  if (proxyUserHeader && proxyRolesHeader === null && (proxyOperators || proxyViewers)) {
    problems.push(
      'DASHBOARD_PROXY_ROLES_HEADER is missing: DASHBOARD_PROXY_OPERATORS and DASHBOARD_PROXY_VIEWERS are looked for in it',
    );
  }
  return problems;
}

function checkPlaces({ elasticsearch, stage, stageBucket, payload }: Partial<DashboardConfig>): string[] {
  const problems: string[] = [];
  if (elasticsearch !== undefined && (elasticsearch.urls !== null || elasticsearch.cloudId !== null))
    problems.push(...checkElasticsearchSettings(elasticsearch));
  if (stage?.url && payload?.payloadKeys === null && stage.kmsKeyArn === null)
    problems.push('PAYLOAD_KEY is missing for STAGE_URL: the stage is sealed with it');
  if (stage?.url?.startsWith('s3:') && stageBucket?.region === null)
    problems.push('AWS_REGION is missing for STAGE_URL, which is in a bucket');
  return problems;
}
