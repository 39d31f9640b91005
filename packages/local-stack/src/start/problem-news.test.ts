import { expect, test } from 'vitest';
import { ProblemNews } from './problem-news.ts';

test('a problem is told once, and that it is over', () => {
  const news = new ProblemNews();
  expect(news.of([])).toEqual([]);
  expect(news.of(['indexer: no Elasticsearch'])).toEqual(['! indexer: no Elasticsearch']);
  expect(news.of(['indexer: no Elasticsearch', 'uploader: no bucket'])).toEqual(['! uploader: no bucket']);
  expect(news.of(['uploader: no bucket'])).toEqual([]);
  expect(news.of([])).toEqual(['Every process is ready again.']);
  expect(news.of([])).toEqual([]);
});

test('a problem that counts down is one problem', () => {
  const news = new ProblemNews();
  expect(news.of(['fetcher: 30 minutes are left'])).toHaveLength(1);
  expect(news.of(['fetcher: 29 minutes are left'])).toEqual([]);
});

test('what cannot be read is neither new nor over', () => {
  const news = new ProblemNews();
  news.of(['uploader: no bucket']);
  expect(news.of(null)).toEqual([]);
  expect(news.of(['uploader: no bucket'])).toEqual([]);
});
