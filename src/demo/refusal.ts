const refusals = new WeakSet<Error>();

/** An error whose message is a sentence for the person at the command line. */
export const refusal = (sentence: string): Error => {
  const error = new Error(sentence);
  refusals.add(error);
  return error;
};

/** Whether the error was made by `refusal`, so that its message alone says enough. */
export const isRefusal = (error: unknown): error is Error => error instanceof Error && refusals.has(error);
