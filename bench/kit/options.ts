import { parseArgs } from 'node:util';

type Options = Readonly<Record<string, number | string | undefined>>;
type Given<O extends Options> = { readonly [K in keyof O]: O[K] extends number ? number : string | undefined };

/** What is written behind the benchmark's name: `--events 500000`, `--file day.csv`; numbers where the default is one. Throws for any other. */
export const optionsOf = <O extends Options>(defaults: O): Given<O> => {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: process.argv.slice(2), options });
  const given = Object.entries(defaults).map(([name, value]) => {
    const text = values[name];
    if (text === undefined) return [name, value];
    if (typeof value !== 'number') return [name, text];
    if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number, not “${text}”.`);
    return [name, Number(text)];
  });
  return Object.fromEntries(given) as Given<O>; // each by its default's own type
};
