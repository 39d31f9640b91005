/** Something that is the matter. */
export interface Finding {
  /** `bad`: records do not get on. `look`: they do, and a person should look. */
  readonly level: 'bad' | 'look';
  readonly text: string;
  /** Where to look. */
  readonly href: string | null;
}

export function bad(text: string): Finding {
  return { level: 'bad', text, href: null };
}

export function look(text: string, href: string | null = null): Finding {
  return { level: 'look', text, href };
}
