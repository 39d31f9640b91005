import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { offersOf } from '../completion/offers.ts';
import { programOf } from './program.ts';

/** Every `trunkline` command that a document shows is one that there is, with options that it has. */

const root = path.join(import.meta.dirname, '../../../..');

const io = {
  env: {},
  organisation: null,
  in: Readable.from([]),
  out: { write: () => true },
  err: { write: () => true },
  user: 'ops@test',
  now: Date.now,
};
const places = new Map(offersOf(programOf(io, () => {})).map((offers) => [offers.place, offers]));

function documents(): string[] {
  const below = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const packages = readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}/README.md`);
  // Reports tell what was run on their day.
  const docs = below.filter((name) => name.endsWith('.md') && !name.startsWith('reports/'));
  return ['README.md', 'CHANGELOG.md', ...docs.map((name) => `docs/${name}`), ...packages];
}

/** What stands in code: each line of a block, and each span. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```[^\n]*\n([\s\S]*?)^ *```/gm)];
  const spans = [...text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/`([^`]+)`/g)];
  return [
    ...blocks.flatMap(([, block]) => (block ?? '').replaceAll('\\\n', ' ').split('\n')),
    ...spans.map(([, span]) => (span ?? '').replaceAll(/\s+/g, ' ')),
  ];
}

const callers =
  /(?:^\s*|[|(] ?)(?:npm run(?: -s)? trunkline --|\.trunkline\/trunkline|trunkline|node .*packages\/cli\/dist\/main\.js) +(.+)$/;

/** What is wrong with a command as it is written; `null` where nothing is. */
function faultOf(written: string): string | null {
  const words = written
    .replace(/\s#.*$/, '')
    .replaceAll(/"[^"]*"|'[^']*'|<[^>]*>/g, 'VALUE')
    .split(/\s+/);
  let place = 'trunkline';
  for (const word of words) {
    const known = places.get(place);
    if (known?.leadsTo.includes(word)) place = `${place} ${word}`;
    else if (known !== undefined && known.leadsTo.length > 0) {
      // `archive get|find`, and what stands for a word.
      return /^--|[|]|^VALUE/.test(word) ? null : `there is no command ${place} ${word}`;
    } else if (
      word.startsWith('--') &&
      !known?.offers.some((offer) => offer.word === word.split(/[=)]/)[0])
    ) {
      return `${place} has no option ${word}`;
    }
  }
  return null;
}

test.each([
  ['requeue --all', 'no command trunkline requeue'],
  ['archive fnd --phone -', 'no command trunkline archive fnd'],
  ['dead-letters requeue --every', 'no option --every'],
  ['archive find --phone - --window 3  # one', 'no option --window'],
])('`trunkline %s` is found to be wrong', (written, fault) => {
  expect(faultOf(written)).toContain(fault);
});

test('the documents show commands that there are', () => {
  const shown = documents().flatMap((file) =>
    codeOf(readFileSync(path.join(root, file), 'utf8')).flatMap((code) => {
      const written = callers.exec(code)?.[1];
      return written === undefined ? [] : [{ file, written, fault: faultOf(written) }];
    }),
  );
  expect(shown.length).toBeGreaterThan(30);
  expect(shown.filter(({ fault }) => fault !== null)).toEqual([]);
});
