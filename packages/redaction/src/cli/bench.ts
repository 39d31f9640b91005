import { createRedactor } from '../redactor.ts';
import { lines } from './bench-lines.ts';

/**
 * `pnpm --filter @trunkline/redaction bench`: speed with tokens on one core, and the time for inputs made to be slow.
 */
const redactor = createRedactor({ tokens: { key: 'benchmark key of at least 32 bytes' } });
const MiB = 1 << 20;

/** CPU time of this process in ms: other work on the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}

function speed(name: string, input: readonly string[], redact: (text: string) => unknown): void {
  const bytes = input.reduce((sum, line) => sum + line.length + 1, 0);
  const rates: number[] = [];
  for (let round = 0; round < 7; round++) {
    const start = cpuMs();
    for (const line of input) redact(line);
    rates.push(bytes / 1000 / (cpuMs() - start));
  }
  console.log(`${name.padEnd(44)} ${median(rates).toFixed(1).padStart(8)} MB/s`);
}

const redact = (text: string): string => redactor.redactText(text).text;
speed('72-byte lines, personal data in each', lines(40_000, 1), redact);
speed('72-byte lines, personal data in 1 of 20', lines(200_000, 20), redact);
speed('72-byte lines, no personal data', lines(200_000, 1_000_000), redact);
speed('one text of 2,000 dense lines', [lines(2_000, 1).join('\n')], redact);
speed('one text of 20,000 lines, 1 of 20', [lines(20_000, 20).join('\n')], redact);

const repeat = (piece: string, bytes: number): string =>
  piece.repeat(Math.ceil(bytes / piece.length)).slice(0, bytes);
const ADVERSARIAL: Readonly<Record<string, string>> = {
  'letters "aaaa"': 'a',
  'digits "1111"': '1',
  'spaced digits "1 2 3"': '1 2 3 4 5 6 7 8 9 0 ',
  'number words': 'five four three two one ',
  'at signs "@@@@"': '@',
  'mail starts "a@a@a@"': 'a@',
  'mail domains "a@b.c.d."': 'a@b.c.d.',
  'dots "a.a.a.a"': 'a.',
  'spoken mail "a dot a at "': 'a dot a at ',
  'hyphens and digits "1-1-"': '1-1-',
  'plus "+1+1"': '+1',
  brackets: '((((1',
  telephones: '415-555-2671 ',
  'cards glued to expiry': '41111111111111110927 ',
  'full-width digits': '１２３ ',
  'zero-width "1\\u200b"': '1\u200b',
  entities: '&#64;',
  'IBAN starts "DE89 "': 'DE89 ',
  'tokens "PHONE-"': 'PHONE-0123456789abcdef ',
  'capitals "AAAA-"': 'AAAA-',
  corrections: '555 sorry ',
  CJK: '電話番号1',
};
for (const [name, piece] of Object.entries(ADVERSARIAL)) {
  const timeOf = (bytes: number): number => {
    const text = repeat(piece, bytes);
    const start = cpuMs();
    redactor.redactText(text);
    return cpuMs() - start;
  };
  timeOf(MiB / 8);
  const half = timeOf(MiB / 2);
  const whole = timeOf(MiB);
  console.log(
    `1 MiB of ${name.padEnd(35)} ${whole.toFixed(0).padStart(8)} ms   (half: ${half.toFixed(0)} ms)`,
  );
}
