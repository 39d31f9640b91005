import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { asServed } from './local-adapter.ts';

const template = readFileSync(
  createRequire(import.meta.url).resolve('@bull-board/ui/dist/index.ejs'),
  'utf8',
);

test("Bull Board's page names another host, and is served without it", () => {
  expect(template).toContain('https://fonts.googleapis.com');
  const served = asServed(template);
  expect(served).not.toMatch(/https?:|(href|src)="\/\//);
  expect(served).toContain('static/css/main');
  expect(served).toContain('href="/assets/board.css"');
  expect(served).toContain('src="/assets/board.js"');
});
