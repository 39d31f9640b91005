/** Text as a terminal may show it: what came from elsewhere can hold control characters, and they must not act. */
export function printable(text: string, longest = 200): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** `12,300`, whatever the locale of the machine. */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** `1 event`, `2 events`. */
export function counted(number: number, one: string, several: string = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : several}`;
}

/** Columns as wide as their widest cell, two spaces between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
