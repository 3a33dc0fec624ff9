import { writeFileSync } from 'node:fs';
import { zoneTable } from './zone-data.ts';

/** Writes the table of zones anew, after an update of the package that it is made from. */
writeFileSync(new URL('../../../src/domain/phone/zone-prefixes.ts', import.meta.url), zoneTable());
