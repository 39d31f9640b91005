import { z } from 'zod';

export const masked = '***';

/** Ids, codes, keys, field paths and times: no blanks, no `@`; `+` only before a letter, as in the name of a window. */
const plainText = /^(?:[\w.:/={}-]|\+(?=[a-z])){0,300}$/;

/** Names in a record without a fixed list of them. */
const plainName = /^[A-Za-z]\w{0,40}$/;

/**
 * A value as it may be shown, held to the schema that our processes write it by, at every depth: a field that does not fit is
 * masked, and a field that the schema does not name is only counted, without its name.
 */
export function shownBySchema(schema: z.ZodType, value: unknown): unknown {
  const type = unwrapped(schema);
  if (value === null || value === undefined) return schema.safeParse(value).success ? value : masked;
  if (type instanceof z.ZodObject) {
    const fields: Record<string, z.ZodType> = type.shape;
    return shownFields(value, (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined));
  }
  if (type instanceof z.ZodRecord) {
    const names = type.keyType as z.ZodType;
    return shownFields(value, (name) =>
      plainName.test(name) && names.safeParse(name).success ? (type.valueType as z.ZodType) : undefined,
    );
  }
  if (type instanceof z.ZodArray) {
    return Array.isArray(value)
      ? value.map((item) => shownBySchema(type.element as z.ZodType, item))
      : masked;
  }
  if (typeof value === 'object' || !schema.safeParse(value).success) return masked;
  return typeof value !== 'string' || plainText.test(value) ? value : masked;
}

function shownFields(value: unknown, schemaOf: (name: string) => z.ZodType | undefined): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return masked;
  const shown: Record<string, unknown> = {};
  let unknownFields = 0;
  for (const [name, part] of Object.entries(value)) {
    const schema = schemaOf(name);
    if (schema === undefined) unknownFields += 1;
    else shown[name] = shownBySchema(schema, part);
  }
  if (unknownFields > 0) shown['unknownFields'] = `${masked} (${unknownFields})`;
  return shown;
}

/** The type of a value that is there: without `null`, absence and what stands for it. */
function unwrapped(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodNullable ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional
    ? unwrapped(schema.unwrap() as z.ZodType)
    : schema;
}
