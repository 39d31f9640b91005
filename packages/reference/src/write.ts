import { readFileSync, writeFileSync } from 'node:fs';
import { configurationTable, organisationsTable } from './configuration.ts';
import { withGeneratedPart } from './generated-part.ts';

const root = new URL('../../../', import.meta.url);

function write(path: string, part: string, content: string): void {
  const file = new URL(path, root);
  writeFileSync(file, withGeneratedPart(readFileSync(file, 'utf8'), part, content));
}

write('README.md', 'configuration', configurationTable());
write('docs/configuration.md', 'configuration', configurationTable());
write('docs/organisations.md', 'members', organisationsTable());
