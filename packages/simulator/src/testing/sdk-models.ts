import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** A member of one of the SDK's models, as its type definitions write it. */
interface Member {
  isOptional: boolean;
  type: string;
}

/** A part of what `z.toJSONSchema` makes. */
interface JsonSchema {
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
}

const entry = createRequire(import.meta.url).resolve('purecloud-platform-client-v2/package.json');
const definitions = readFileSync(join(dirname(entry), 'index.d.ts'), 'utf8');

/**
 * What a request body may hold that the SDK's model does not allow, in words; empty where every body that the schema
 * accepts is one of the model's.
 *
 * With this, a server that refuses what its schema does not accept holds each of its clients to the SDK's models.
 */
export function strayFromModel(schema: z.ZodType, model: string): string[] {
  return strays(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema, `Models.${model}`, 'body');
}

function strays(schema: JsonSchema, type: string, place: string): string[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((one) => strays(one, type, place));
  const elements = /^Array<(.+)>$/.exec(type)?.[1];
  if (elements !== undefined) {
    if (schema.type !== 'array' || schema.items === undefined) return [`${place} is no list`];
    return strays(schema.items, elements, `${place}[]`);
  }
  const model = /^Models\.(\w+)$/.exec(type)?.[1];
  if (model === undefined) {
    const is =
      schema.type === 'integer' ? 'number' : (schema.type ?? typeof (schema.const ?? schema.enum?.[0]));
    return is === type ? [] : [`${place} is ${is}, not ${type}`];
  }
  const members = membersOf(model);
  const unknown = Object.keys(schema.properties ?? {}).filter((name) => !members.has(name));
  const left = [...members].filter(
    ([name, { isOptional }]) => !isOptional && schema.required?.includes(name) !== true,
  );
  return [
    ...(schema.type === 'object' ? [] : [`${place} is no object`]),
    ...unknown.map((name) => `${place}.${name} is not in ${model}`),
    ...left.map(([name]) => `${place}.${name} may be left out`),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
      const known = members.get(name);
      return known === undefined ? [] : strays(member, known.type, `${place}.${name}`);
    }),
  ];
}

/** @throws Error where the SDK has no such model */
function membersOf(model: string): Map<string, Member> {
  const body = new RegExp(`\\binterface ${model} \\{([^]*?)\\n\\t\\}`).exec(definitions)?.[1];
  if (body === undefined) throw new Error(`The SDK has no model ${model}.`);
  const members = [...body.matchAll(/^\s*"(\w+)"(\??): (.+);$/gm)];
  return new Map(
    members.map(([, name = '', optional, type = '']) => [name, { isOptional: optional === '?', type }]),
  );
}
