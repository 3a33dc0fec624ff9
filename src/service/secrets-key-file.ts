import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

export const SECRETS_FILE = 'secrets.key';

/** SECRETS_KEY of an embedded service: read from DATA_DIR, or made there at the first start, durable and readable by the owner only. */
export const keptSecretsKey = async (dir: string): Promise<string> => {
  const path = join(dir, SECRETS_FILE);
  const found = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (found !== undefined) return found.trim();
  const key = randomBytes(32).toString('base64');
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${key}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  return key;
};
