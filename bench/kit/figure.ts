/** Prints one figure; `aim` is what it should reach, or stay below. */
export type Figure = (name: string, value: number, unit: string, aim?: number) => void;

/** How the benchmarks of one subject print their figures: a JSON line each on standard output, of three digits at least. */
export const figuresOf =
  (subject: string): Figure =>
  (name, value, unit, aim) => {
    const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
    console.log(JSON.stringify({ name: `${subject}/${name}`, value: rounded, unit, ...(aim === undefined ? {} : { aim }) }));
  };

/** Says something to whoever watches: prose goes to standard error. */
export const say = (text: string): void => console.error(text);
