import { TrunklineError } from '@trunkline/contracts';
import { describe, expect, it } from 'vitest';
import { LongWait } from '../long-wait.ts';
import type { OpenedPage, PageHead, PagePosition } from './archive-source.ts';
import { type DownloadTerms, downloadPage } from './page-download.ts';

const text = 'abcdefghij';
const strong: PageHead = { etag: '"1"', length: text.length, sha256: null, nextPage: null };

const cut = new TrunklineError('GENESYS_UNREACHABLE', { message: 'cut' });

/** A page as it is opened, whose body breaks off after so many bytes. */
function opened(
  from: number,
  options: { head?: PageHead; after?: number; text?: string; error?: unknown } = {},
): OpenedPage {
  const { head = strong, after } = options;
  const rest = Buffer.from((options.text ?? text).slice(from));
  async function* body(): AsyncGenerator<Buffer> {
    yield rest.subarray(0, after);
    if (after !== undefined) throw options.error ?? cut;
  }
  return {
    head,
    from,
    body: Object.assign(body(), { destroy: () => {} }),
    serverDate: null,
    unreadableDigests: [],
    made: null,
  };
}

/** What a reader has at the end, and how it was asked for. */
async function download(
  answers: ((resume: PagePosition | null) => OpenedPage)[],
  left: DownloadTerms['left'] = null,
): Promise<{ text: string; asked: (number | null)[]; kinds: string[]; interruptions: number }> {
  const asked: (number | null)[] = [];
  const kinds: string[] = [];
  let read = left === null ? '' : text.slice(0, left.bytes);
  let interruptions = 0;
  const parts = downloadPage({
    what: 'the conversation archive',
    open: async (resume) => {
      asked.push(resume?.offset ?? null);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('not expected');
      return answer(resume);
    },
    left,
    onInterruption: () => interruptions++,
    backoffMinMs: 1,
    backoffMaxMs: 2,
    signal: new AbortController().signal,
  });
  for await (const part of parts) {
    if (part.kind !== 'bytes') kinds.push(part.kind);
    if (part.kind === 'begin') read = '';
    if (part.kind === 'bytes') read += part.bytes.toString();
  }
  return { text: read, asked, kinds, interruptions };
}

const at = (resume: PagePosition | null) => resume?.offset ?? 0;

describe('a download', () => {
  it('without interruption is read once', async () => {
    expect(await download([() => opened(0)])).toEqual({
      text,
      asked: [null],
      kinds: ['begin'],
      interruptions: 0,
    });
  });

  it('goes on behind what it has', async () => {
    const answers = [
      () => opened(0, { after: 3 }),
      (resume: PagePosition | null) => opened(at(resume), { after: 4 }),
      (resume: PagePosition | null) => opened(at(resume)),
    ];
    expect(await download(answers)).toEqual({
      text,
      asked: [null, 3, 7],
      kinds: ['begin', 'resume', 'resume'],
      interruptions: 2,
    });
  });

  it('goes on behind what an earlier one left', async () => {
    expect(await download([(resume) => opened(at(resume))], { head: strong, bytes: 6 })).toMatchObject({
      text,
      asked: [6],
      kinds: ['resume'],
    });
  });

  it('begins again where the whole comes in answer to a range', async () => {
    expect(await download([() => opened(0, { after: 3 }), () => opened(0)])).toMatchObject({
      text,
      asked: [null, 3],
      kinds: ['begin', 'begin'],
    });
  });

  it('begins again where the part is of another version', async () => {
    const other = { ...strong, etag: '"2"' };
    const answers = [
      () => opened(0, { after: 3 }),
      (resume: PagePosition | null) => opened(at(resume), { head: other }),
      () => opened(0, { head: other, text: 'ABCDEFGHIJ' }),
    ];
    expect(await download(answers)).toMatchObject({
      text: 'ABCDEFGHIJ',
      asked: [null, 3, null],
      kinds: ['begin', 'begin'],
    });
  });

  it('begins again where the source does not know the position any more', async () => {
    const gone = (): OpenedPage => {
      throw new TrunklineError('ARCHIVE_SOURCE_CHANGED', { message: 'changed' });
    };
    expect(await download([() => opened(0, { after: 3 }), gone, () => opened(0)])).toMatchObject({
      text,
      asked: [null, 3, null],
    });
  });

  it('begins again where there is no strong tag', async () => {
    const head = { ...strong, etag: null };
    expect(await download([() => opened(0, { head, after: 3 }), () => opened(0, { head })])).toMatchObject({
      text,
      asked: [null, null],
    });
  });

  it('asks for the rest where a part ends early without breaking off', async () => {
    const short = () => opened(0, { text: 'abcd' });
    expect(await download([short, (resume) => opened(at(resume))])).toMatchObject({ text, asked: [null, 4] });
  });

  it('takes whatever comes for the whole where no length is stated', async () => {
    expect(
      await download([() => opened(0, { head: { ...strong, length: null }, text: 'abc' })]),
    ).toMatchObject({
      text: 'abc',
    });
  });

  it('refuses more bytes than are stated', async () => {
    await expect(download([() => opened(0, { text: `${text}k` })])).rejects.toMatchObject({
      code: 'ARCHIVE_LENGTH_MISMATCH',
    });
  });

  it('ends where it comes no further, and says why', async () => {
    const head = { ...strong, etag: null };
    const answers = Array.from({ length: 20 }, () => () => opened(0, { head, after: 4 }));
    await expect(download(answers)).rejects.toMatchObject({
      code: 'ARCHIVE_DOWNLOAD_INTERRUPTED',
      message: expect.stringContaining('no strong entity tag'),
    });
    expect(answers).toHaveLength(9); // the first brought something, ten did not
  });

  it('passes on what is no interruption', async () => {
    const parked = new LongWait(cut, 1);
    const open = (): OpenedPage => {
      throw parked;
    };
    await expect(download([() => opened(0, { after: 3 }), open])).rejects.toBe(parked);
    const unforeseen = new Error('disk');
    await expect(download([() => opened(0, { after: 3, error: unforeseen })])).rejects.toBe(unforeseen);
  });
});
