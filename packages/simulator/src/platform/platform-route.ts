import { z } from 'zod';
import type { Strike } from '../faults/fault-plan.ts';
import type { FaultRoute } from '../faults/fault-route.ts';
import { errorReply } from '../http/error-reply.ts';
import { mediaType, type ReceivedRequest } from '../http/received-request.ts';
import type { Reply, StreamReply } from '../http/reply.ts';
import type { LoggedRequest } from '../request-log.ts';

/** An answer of the platform's API, and what the request log is to tell of it. */
export type PlatformReply = (Reply | StreamReply) & { poll?: LoggedRequest['poll'] };

/** Who may call. */
type Access =
  /** A bearer token whose client has all (or any one) of these permissions. */
  | { kind: 'bearer'; permissions: readonly string[]; need?: 'all' | 'any' }
  /** Nobody is asked: the path itself is the secret. A bearer token beside it is refused. */
  | { kind: 'presigned' };

/** A request that may pass, taken apart. */
interface PlatformCall<Query, Body> {
  /** Of the path, by the names in the template. */
  params: Readonly<Record<string, string>>;
  query: Query;
  body: Body;
  request: ReceivedRequest;
  /** Faults that may strike; those of the gateway and of access have had their turn. */
  strike: Strike;
  /** Arrival, epoch ms of the host's clock. */
  at: number;
}

/** A path of the platform's API. */
export interface PlatformRoute {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/v2/audits/query/{transactionId}`; a name in braces stands for one part. */
  path: string;
  /** By what faults and the request log know it. */
  route: FaultRoute;
  access: Access;
  /** Where the guide contract has the same path: whether this request is the platform's. */
  speaks?: (request: ReceivedRequest) => boolean;
  answer: (call: PlatformCall<unknown, unknown>) => PlatformReply | Promise<PlatformReply>;
}

type Spec<Query, Body> = Omit<PlatformRoute, 'answer'> & {
  /** Of the parameters behind the `?`: text, or a list of texts where one stands there more than once. */
  query?: z.ZodType<Query>;
  /** Of the JSON body; without it the request must have none. */
  body?: z.ZodType<Body>;
  answer: (call: PlatformCall<Query, Body>) => PlatformReply | Promise<PlatformReply>;
};

const noQuery = z.strictObject({});

/**
 * A route that takes nothing it does not know: unknown parameters and members, wrong types and bounds are answered 400
 * as the real service words it, so that a misspelt one cannot go unnoticed.
 */
export function platformRoute<Query = Record<never, never>, Body = undefined>(
  spec: Spec<Query, Body>,
): PlatformRoute {
  const { query: querySchema, body: bodySchema, answer, ...route } = spec;
  return {
    ...route,
    answer: (call) => {
      const query = (querySchema ?? noQuery).safeParse(parametersOf(call.request.query));
      if (!query.success) return invalid(query.error);
      if (bodySchema === undefined) {
        if ((call.request.body?.length ?? 0) > 0) {
          return errorReply(400, 'bad.request', 'This request takes no body.');
        }
        return answer({ ...call, query: query.data as Query, body: undefined as Body });
      }
      if (mediaType(call.request) !== 'application/json') {
        return errorReply(415, 'unsupported.media.type', 'The request body must be application/json.');
      }
      const json = jsonBody(call.request);
      if (json === undefined) return errorReply(400, 'invalid.json', 'The request body is not valid JSON.');
      const body = bodySchema.safeParse(json);
      if (!body.success) return invalid(body.error);
      return answer({ ...call, query: query.data as Query, body: body.data });
    },
  };
}

/** A parameter that is a whole number. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

/** `expand`, which may stand there once or more often. */
export function expansion<const Value extends string>(...values: readonly Value[]) {
  const one = z.enum(values);
  return z
    .union([one, z.array(one)])
    .transform((value) => (Array.isArray(value) ? value : [value]) as Value[])
    .default([]);
}

/** A member or parameter that the schema lets pass but the service does not. */
export function refused(fieldName: string, message: string, code = 'bad.request'): Reply {
  return errorReply(400, code, message, { details: [{ errorCode: code, fieldName }] });
}

function invalid(error: z.ZodError): Reply {
  const details = error.issues.map((issue) => ({
    errorCode: issue.code === 'unrecognized_keys' ? 'unknown.field' : 'invalid.value',
    fieldName: issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys.join(',') : 'body'),
  }));
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'request'}: ${message}`);
  return errorReply(400, 'constraint.validation', `The request is not valid. ${problems.join('; ')}`, {
    details,
  });
}

/** Undefined where it is no JSON text in UTF-8. */
function jsonBody({ body }: ReceivedRequest): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body ?? Buffer.alloc(0)));
  } catch {
    return undefined;
  }
}

function parametersOf(query: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}
