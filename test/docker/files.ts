import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const scalar = z.union([z.string(), z.number()]).transform(String);
const healthcheck = z.object({ test: z.array(z.string()).min(2) });
const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  restart: z.string(),
  environment: z.record(z.string(), scalar),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  volumes: z.array(z.string()).default([]),
  healthcheck: healthcheck.optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
const compose = z.object({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
  volumes: z.record(z.string(), z.object({})),
});
export type Compose = z.output<typeof compose>;

/** docker-compose.yml, as far as the tests hold it. */
export const readCompose = (): Compose => compose.parse(parse(read('docker-compose.yml')));

const REFERENCE = /\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g;

/** Names of the environment's variables that a text takes in, and whether each is required. */
export const references = (text: string): readonly { readonly name: string; readonly required: boolean }[] =>
  [...text.matchAll(REFERENCE)].map(([, name = '', kind]) => ({ name, required: kind === '?' }));

/** A value as Docker Compose fills it in: `${NAME}`, `${NAME:-default}` and `${NAME:?sentence}`. Throws for a required one that is missing. */
export const filledIn = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replace(REFERENCE, (_, name: string, kind: string | undefined, rest: string | undefined) => {
    const value = env[name] || undefined;
    if (value === undefined && kind === '?') throw new Error(`${name}: ${rest}`);
    return value ?? (kind === '-' ? (rest ?? '') : '');
  });

/** An instruction of a Dockerfile with its arguments, continued lines joined. */
export const instructions = (dockerfile: string): readonly { readonly name: string; readonly text: string }[] =>
  dockerfile
    .replaceAll('\\\n', '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...rest] = line.split(/\s+/);
      return { name, text: rest.join(' ') };
    });
