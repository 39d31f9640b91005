/** ECMAScript's `JSON.rawJSON`, which TypeScript's library does not know yet. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => number };

/** A number that `JSON.stringify` writes with these very digits: some that a double would lose, or spell otherwise. */
export function rawNumber(text: string): number {
  return rawJSON(text);
}
