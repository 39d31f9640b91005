/**
 * Canonical JSON text: members sorted by name (UTF-16 order), no white space, strings in the shortest escapes, numbers
 * exactly as written. Two texts of one event that differ in the order of members or in white space have one canonical
 * form; two that differ in a digit have not, not even beyond 2^53.
 *
 * A text nested deeper than the stack (several thousand levels; Elasticsearch takes 1,000) is its own canonical form.
 *
 * @param text valid JSON
 * @param parsed what `JSON.parse(text)` gave, where the caller has it already
 */
export function canonicalJson(text: string, parsed: unknown = JSON.parse(text)): string {
  try {
    // Almost every event holds only integers that a double carries unchanged. Those are written from the parsed value,
    // several times as fast as with the numbers' source text.
    return write(inexactNumber.test(text) ? JSON.parse(text, keepNumberText) : parsed);
  } catch (error) {
    if (error instanceof RangeError) return text;
    throw error;
  }
}

/**
 * A fraction, an exponent, a minus zero or sixteen digits and more: forms that a double may not give back as written. It
 * looks inside strings too, which costs speed there, never truth.
 */
const inexactNumber = /\d[.eE]|\d{16}|-0/;

class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function keepNumberText(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? new NumberText(context.source) : value;
}

function write(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof NumberText) return value.text;
  let out = '';
  if (Array.isArray(value)) {
    for (const element of value) out += `${out === '' ? '' : ','}${write(element)}`;
    return `[${out}]`;
  }
  const object = value as Record<string, unknown>;
  for (const name of Object.keys(object).sort()) {
    out += `${out === '' ? '' : ','}${JSON.stringify(name)}:${write(object[name])}`;
  }
  return `{${out}}`;
}
