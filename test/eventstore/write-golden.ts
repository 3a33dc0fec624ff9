import { mkdirSync, writeFileSync } from 'node:fs';
import { catalogue, type EventType } from '../../src/domain/catalogue.ts';
import { folder, nameOf, storedToday } from './golden.ts';

/** Writes the golden files that are missing. One that is there stays as it is: events of its version lie in logs. */
const types = Object.keys(catalogue).filter((type): type is EventType => type in catalogue);
mkdirSync(folder, { recursive: true });
for (const type of types) {
  const file = new URL(nameOf(type, catalogue[type].v), folder);
  const text = `${JSON.stringify(await storedToday(type), null, 2)}\n`;
  try {
    writeFileSync(file, text, { flag: 'wx' });
    process.stdout.write(`${nameOf(type, catalogue[type].v)}\n`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
