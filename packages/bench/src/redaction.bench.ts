import { createRedactor } from '@trunkline/redaction';

/**
 * The redaction engine beside the guide's three expressions, with tokens, on one core.
 *
 * `node --conditions=@trunkline/source packages/bench/src/redaction.bench.ts`
 *
 * Rates are of CPU time, so that other work on the machine does not count; the rivals take turns within a round, and
 * the median of five rounds is told. "guide in V8" are the expressions as JavaScript runs them (what a port of the
 * guide would do), "guide mode" is the engine's linear form of them.
 */
const key = 'benchmark key of at least 32 bytes';
const engine = createRedactor({ tokens: { key } });
const guideMode = createRedactor({ tokens: { key }, mode: 'guide' });

const EXPRESSIONS = [
  /\b(?:\+?1[-.\s]?)?\(?\d{3}\)?[-.\s]?\d{3}[-.\s]?\d{4}\b/g,
  /[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}/g,
  /\b\d{3}-\d{2}-\d{4}\b/g,
];

const rivals: Readonly<Record<string, (text: string) => string>> = {
  engine: (text) => engine.redactText(text).text,
  'guide mode': (text) => guideMode.redactText(text).text,
  'guide in V8': (text) =>
    EXPRESSIONS.reduce((out, expression, index) => {
      const type = ['PHONE', 'EMAIL', 'SSN'][index] as string;
      return out.replace(expression, (matched) => engine.tokenOfWhole(type, matched));
    }, text),
};

const LINE_BYTES = 72;
const ORDINARY = [
  'thank you for calling how may i help you today with your account please',
  'i have been waiting for the technician since monday and nobody came here',
  'Okay, I understand. Could you tell me what the router shows at the front?',
  'no that is fine i will call back tomorrow when my husband is home again',
];

/** Every line different: digits counted up, so that nothing is answered from a cache. */
function denseLine(index: number): string {
  const number = String(2_000_000_000 + ((index * 7_919_077) % 7_000_000_000)).padStart(10, '2');
  const phone = `${number.slice(0, 3)}-${number.slice(3, 6)}-${number.slice(6)}`;
  const lines = [
    `You can reach me at ${phone} or write to jane.doe${index}@example.com`,
    `my social is ${number.slice(0, 3)}-${number.slice(3, 5)}-${number.slice(5, 9)} and the cell is ${number}`,
    `Please call (${number.slice(0, 3)}) ${number.slice(3, 6)}-${number.slice(6)} about the order from`,
    `send the invoice to b.smith${index}@mail.example.org and copy me on`,
  ];
  return (lines[index % lines.length] as string).slice(0, LINE_BYTES).padEnd(LINE_BYTES, ' ok');
}

function corpus(count: number, every: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    i % every === 0 ? denseLine(i) : (ORDINARY[i % ORDINARY.length] as string).slice(0, LINE_BYTES),
  );
}

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function compare(name: string, texts: readonly string[]): void {
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  const rates = new Map<string, number[]>(Object.keys(rivals).map((rival) => [rival, []]));
  for (let round = 0; round < 5; round++) {
    for (const [rival, redact] of Object.entries(rivals)) {
      const ms = cpuMs(() => {
        for (const text of texts) redact(text);
      });
      rates.get(rival)?.push(bytes / 1000 / ms);
    }
  }
  const told = [...rates].map(([rival, all]) => {
    const median = all.sort((a, b) => a - b)[2] as number;
    return `${rival} ${median.toFixed(1)}`;
  });
  console.log(`${name.padEnd(48)} MB/s  ${told.join('   ')}`);
}

compare('72-byte lines, personal data in each', corpus(30_000, 1));
compare('72-byte lines, personal data in 1 of 20', corpus(100_000, 20));
compare(
  'transcripts of 400 lines, 1 of 20',
  Array.from({ length: 200 }, () => corpus(400, 20).join('\n')),
);

// What is harmless in Go and quadratic in V8: the mail expression on a text without an "at".
const letters = 'a'.repeat(32 * 1024);
for (const [rival, redact] of Object.entries(rivals)) {
  console.log(`${'32 KiB of "aaaa"'.padEnd(48)} ms    ${rival} ${cpuMs(() => redact(letters)).toFixed(0)}`);
}
