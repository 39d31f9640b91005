/** What of an event may be shown without revealing a value. Pure. */
export interface FieldShape {
  name: string;
  /** `string of 36 characters`, `number`, `object of 4 members`, `list of 2 elements`, `true or false`, `null`. */
  shape: string;
}

/**
 * The fields of an event at its top, in their order, each with its type and size; `null` where the text is no JSON object.
 * @param eventText source text of the event
 */
export function eventShape(eventText: string): FieldShape[] | null {
  let value: unknown;
  try {
    value = JSON.parse(eventText);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.entries(value).map(([name, member]) => ({ name, shape: shapeOf(member) }));
}

function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return sized('string of', value.length, 'character');
  if (typeof value === 'boolean') return 'true or false';
  if (Array.isArray(value)) return sized('list of', value.length, 'element');
  if (typeof value === 'object') return sized('object of', Object.keys(value).length, 'member');
  return 'number';
}

function sized(what: string, size: number, unit: string): string {
  return `${what} ${size} ${unit}${size === 1 ? '' : 's'}`;
}
