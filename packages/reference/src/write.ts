import { readFileSync, writeFileSync } from 'node:fs';
import { configurationTable } from './configuration.ts';
import { withGeneratedPart } from './generated-part.ts';

const readme = new URL('../../../README.md', import.meta.url);
writeFileSync(readme, withGeneratedPart(readFileSync(readme, 'utf8'), 'configuration', configurationTable()));
