import { memberTexts, splitArray } from '@trunkline/json-source';

/** Fields of the document, and where the source has their values: a member, or a member of a member. */
const fields: readonly (readonly [field: string, member: string, inner?: string])[] = [
  ['id', 'id'],
  ['date', 'eventDate'],
  ['date', 'eventTime'],
  ['userId', 'user', 'id'],
  ['userName', 'user', 'name'],
  ['resourceType', 'entityType'],
  ['resourceId', 'entity', 'id'],
  ['action', 'action'],
  ['ipAddress', 'remoteIp'],
];

/**
 * What has to be stored of an audit event of the platform: the guide's fields, and all else under `genesys`; every value as the source
 * writes it. Written down here a second time, from the words of the contract, so that the oracle does not believe the code that
 * it judges. What is no object or has no id is kept as it is.
 *
 * @param source an event as a query or a download gave it
 */
export function expectedDocument(source: string): string {
  if (!source.startsWith('{')) return source;
  const left = memberTexts(source);
  const document = new Map<string, string>();
  for (const [field, member, inner] of fields) {
    if (document.has(field)) continue;
    const outer = left.get(member);
    const within = inner !== undefined && outer?.startsWith('{') ? memberTexts(outer) : null;
    const value = inner === undefined ? outer : within?.get(inner);
    if (value === undefined || !isSearchable(field, value)) continue;
    document.set(field, value);
    if (within === null || inner === undefined) left.delete(member);
    else {
      within.delete(inner);
      if (within.size === 0) left.delete(member);
      else left.set(member, textOf(within));
    }
  }
  if (!document.has('id')) return source;
  return textOf(document.set('genesys', textOf(left)));
}

/** A text or a number; of addresses a list of texts too. What holds nothing is left where it stood. */
function isSearchable(field: string, value: string): boolean {
  if (field !== 'ipAddress' || !value.startsWith('[')) return /^["\d-]/.test(value) && value !== '""';
  const { elements } = splitArray(value, 0);
  return elements.length > 0 && elements.every((element) => element.startsWith('"'));
}

function textOf(members: ReadonlyMap<string, string>): string {
  return `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}
