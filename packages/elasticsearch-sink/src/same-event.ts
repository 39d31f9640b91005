/**
 * Whether two texts of one id are one event of the platform contract, met in two shapes (A17).
 *
 * Genesys tells an event differently by the way it is asked for: a download has no names of users, EventBridge no status. Their
 * documents differ, and so do their digests, while nothing was altered. Only then, which is rare, the two are laid side by side: what
 * both have must be the same, and what one of them leaves out tells nothing, as far as a shape may leave it out.
 */
import { canonicalJson, memberTexts, splitArray } from '@trunkline/json-source';
import { instantOf } from './index-name.ts';

/** Which differences of two objects tell nothing. */
interface Leniency {
  /** Not looked at. */
  readonly leftOut: ReadonlySet<string>;
  /** Members that one may have and the other not; `but`: all others. */
  readonly mayLack: 'nothing' | { readonly but: ReadonlySet<string> };
  /** Of the objects in it, by name; of all others `strict`. */
  readonly inside: ReadonlyMap<string, Leniency>;
}

const restName = 'genesys';
const noNames: ReadonlySet<string> = new Set();
const strict: Leniency = { leftOut: noNames, mayLack: 'nothing', inside: new Map() };
/** References to something: the name and the address beside the id are given or not. */
const reference: Leniency = { ...strict, mayLack: { but: noNames } };
const rest: Leniency = {
  // Of the delivery, not of the event.
  leftOut: new Set(['eventBridge']),
  // What was changed is in the models of all shapes.
  mayLack: { but: new Set(['context', 'propertyChanges']) },
  inside: new Map([
    ['user', reference],
    ['client', reference],
    ['entity', reference],
  ]),
};
const document: Leniency = {
  // The display name is looked up when an event is read (`expand=user`), not when it happened, so a user who was renamed has another
  // one in every later reading.
  leftOut: new Set(['userName']),
  mayLack: { but: noNames },
  inside: new Map([[restName, rest]]),
};
/** Values nested more deeply are compared as wholes. */
const maxDepth = 40;

/** Whether another shape of the event may differ from it: it is of the platform contract, as `platformEvent` writes it. */
export function hasShapes(event: string): boolean {
  return restOf(event) !== null;
}

/**
 * @param one source text of an event, valid JSON
 * @param other the same
 * @returns `false` also where one of them is not of the platform contract: another source is another shape of nothing
 */
export function isSameEvent(one: string, other: string): boolean {
  if (restOf(one) === null || restOf(other) === null) return false;
  const members = memberTexts(one);
  const otherMembers = memberTexts(other);
  if (!isSameTime(members.get('date'), otherMembers.get('date'))) return false;
  members.delete('date');
  otherMembers.delete('date');
  return agreeMembers(members, otherMembers, document, 0);
}

function restOf(event: string): string | null {
  if (!event.trimStart().startsWith('{')) return null;
  const text = memberTexts(event).get(restName);
  return text?.startsWith('{') ? text : null;
}

/** By the less exact of the two: whether every shape tells milliseconds is not documented. */
function isSameTime(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined || isBlank(one) || isBlank(other)) return true;
  const instant = instantOf(JSON.parse(one));
  const otherInstant = instantOf(JSON.parse(other));
  if (instant === null || otherInstant === null) return canonicalJson(one) === canonicalJson(other);
  const unit = Math.max(exactnessMs(one), exactnessMs(other));
  return Math.floor(instant / unit) === Math.floor(otherInstant / unit);
}

function exactnessMs(date: string): number {
  if (!date.startsWith('"') || /^"-?\d+"$/.test(date)) return 1;
  const digits = /:\d\d:\d\d[.,](\d+)/.exec(date)?.[1]?.length ?? 0;
  return 10 ** Math.max(0, 3 - digits);
}

function agree(one: string, other: string, leniency: Leniency, depth: number): boolean {
  if (one === other) return true;
  if (depth > maxDepth) return canonicalJson(one) === canonicalJson(other);
  const isList = one.startsWith('[');
  const isOtherList = other.startsWith('[');
  if (isList || isOtherList) {
    // One value stands for a list of one, as it does in Elasticsearch.
    return agreeInOrder(isList ? listOf(one) : [one], isOtherList ? listOf(other) : [other], depth);
  }
  if (one.startsWith('{') && other.startsWith('{')) {
    return agreeMembers(memberTexts(one), memberTexts(other), leniency, depth);
  }
  return canonicalJson(one) === canonicalJson(other);
}

function agreeMembers(
  members: ReadonlyMap<string, string>,
  otherMembers: ReadonlyMap<string, string>,
  { leftOut, mayLack, inside }: Leniency,
  depth: number,
): boolean {
  for (const name of new Set([...members.keys(), ...otherMembers.keys()])) {
    if (leftOut.has(name)) continue;
    const value = members.get(name) ?? 'null';
    const otherValue = otherMembers.get(name) ?? 'null';
    if (isBlank(value) || isBlank(otherValue)) {
      if (isBlank(value) && isBlank(otherValue)) continue;
      if (mayLack === 'nothing' || mayLack.but.has(name)) return false;
    } else if (!agree(value, otherValue, inside.get(name) ?? strict, depth + 1)) return false;
  }
  return true;
}

/** Inside a list an element that says nothing has its place: a property whose old value was empty. */
function agreeInOrder(elements: readonly string[], others: readonly string[], depth: number): boolean {
  return (
    elements.length === others.length &&
    elements.every((element, place) => {
      const other = others[place] as string;
      return isBlank(element) ? isBlank(other) : !isBlank(other) && agree(element, other, strict, depth + 1);
    })
  );
}

function listOf(text: string): string[] {
  return splitArray(text, 0).elements;
}

/** Genesys writes any of these, or nothing at all, where it has nothing to say. */
function isBlank(value: string): boolean {
  return value === 'null' || value === '""' || /^(?:\{\s*\}|\[\s*\])$/.test(value);
}
